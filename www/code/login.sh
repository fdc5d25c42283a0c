# Every message of a login, in order, with curl, openssl and jq. The demo shows each step beside its message.

# step: discovery
curl --silent --fail https://op.example/.well-known/openid-configuration > metadata.json

# step: authorization
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
verifier=$(openssl rand 32 | base64url)
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64url)
state=$(openssl rand -hex 16)
nonce=$(openssl rand -hex 16)
url="$(jq -r .authorization_endpoint metadata.json)?response_type=code&client_id=app\
&redirect_uri=$(jq -rn --arg it https://app.example/cb '$it|@uri')&scope=openid+profile+email\
&state=$state&nonce=$nonce&code_challenge=$challenge&code_challenge_method=S256"

# step: person
echo "$url" # open it in a browser, and sign in

# step: redirect
read -r -p 'The address that the browser ends at: ' back
[[ $back == *"state=$state"* ]] || echo 'This answer belongs to another login.'
code=$(sed -E 's/.*[?&]code=([^&]*).*/\1/' <<< "$back")

# step: token_request
curl --silent "$(jq -r .token_endpoint metadata.json)" > tokens.json \
  --data grant_type=authorization_code --data client_id=app --data "code=$code" \
  --data-urlencode redirect_uri=https://app.example/cb --data "code_verifier=$verifier"

# step: token_response
jq 'keys' tokens.json # "error" tells that the provider refused

# step: keys
curl --silent --fail "$(jq -r .jwks_uri metadata.json)" > keys.json

# step: front_token
# curl cannot verify a signature. Verify it before you send the code.

# step: id_token
jq -r '.id_token | split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | . + "=" * (-length % 4) | @base64d' tokens.json

# step: report
# curl judges nothing. Paste the token into the inspector.

# step: userinfo
curl --silent --fail "$(jq -r .userinfo_endpoint metadata.json)" > userinfo.json \
  --header "Authorization: Bearer $(jq -r .access_token tokens.json)"

# step: resources
curl --silent "$(jq -r .token_endpoint metadata.json)" > api.json \
  --data grant_type=refresh_token --data client_id=app --data "refresh_token=$(jq -r .refresh_token tokens.json)" \
  --data-urlencode resource=https://api.example.com

# step: refresh
curl --silent "$(jq -r .token_endpoint metadata.json)" > renewed.json \
  --data grant_type=refresh_token --data client_id=app --data "refresh_token=$(jq -r .refresh_token api.json)"

# step: sign_out
echo "$(jq -r .end_session_endpoint metadata.json)?id_token_hint=$(jq -r .id_token tokens.json)\
&post_logout_redirect_uri=$(jq -rn --arg it https://app.example/bye '$it|@uri')&state=$state" # open it in the browser

# step: signed_out
# The browser ends at https://app.example/bye?state=… with the state above.

# end
