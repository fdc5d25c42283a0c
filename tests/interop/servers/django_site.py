"""One Django project with one person and an application of each kind, in memory but for its database."""

import os
import sys
import tempfile

import django
from django.conf import settings
from django.core.management import call_command, execute_from_command_line

port, secret = os.environ["PORT"], os.environ["SECRET"]
database = os.path.join(tempfile.mkdtemp(), "db.sqlite3")


def rsa_key():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode()


settings.configure(
    DEBUG=False,
    SECRET_KEY=secret,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {"login.html": '<form method="post">{% csrf_token %}{{ form }}<button>Sign in</button></form>'},
                    ),
                    "django.template.loaders.app_directories.Loader",
                ]
            },
        }
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGIN_URL="/login",
    USE_TZ=True,
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": rsa_key(),
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
        "SCOPES": {"openid": "who you are", "read": "read", "introspection": "introspection"},
    },
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import Application  # noqa: E402

urlpatterns = [
    path("login", LoginView.as_view(template_name="login.html")),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]

call_command("migrate", verbosity=0)
User.objects.create_user("mara", "mara@example.com", "password")
# An application has one grant type.
for client_id, kind, grant in (
    ("confidential", Application.CLIENT_CONFIDENTIAL, Application.GRANT_AUTHORIZATION_CODE),
    ("public", Application.CLIENT_PUBLIC, Application.GRANT_AUTHORIZATION_CODE),
    ("hybrid", Application.CLIENT_CONFIDENTIAL, Application.GRANT_OPENID_HYBRID),
    ("implicit", Application.CLIENT_PUBLIC, Application.GRANT_IMPLICIT),
    ("machine", Application.CLIENT_CONFIDENTIAL, Application.GRANT_CLIENT_CREDENTIALS),
):
    Application.objects.create(
        client_id=client_id,
        client_secret=secret if kind == Application.CLIENT_CONFIDENTIAL else "",
        client_type=kind,
        authorization_grant_type=grant,
        redirect_uris=os.environ["REDIRECT_URI"],
        post_logout_redirect_uris=os.environ["HOME_URI"],
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )
execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{port}"])
