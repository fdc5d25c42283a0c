// The example server of ZITADEL's library, with a client for each authentication, JWT access tokens and an address after logout.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// client is a client of the example, with settings that the example does not allow.
type client struct {
	op.Client
	method oidc.AuthMethod
	tokens op.AccessTokenType
}

func (c client) AuthMethod() oidc.AuthMethod         { return c.method }
func (c client) AccessTokenType() op.AccessTokenType { return c.tokens }
func (c client) PostLogoutRedirectURIs() []string    { return []string{os.Getenv("HOME_URI")} }

var methods = map[string]oidc.AuthMethod{
	"basic":  oidc.AuthMethodBasic,
	"post":   oidc.AuthMethodPost,
	"key":    oidc.AuthMethodPrivateKeyJWT,
	"public": oidc.AuthMethodNone,
	"jwt":    oidc.AuthMethodBasic,
}

type clients struct {
	*storage.Storage
	key jose.JSONWebKey
}

func (s clients) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	found, err := s.Storage.GetClientByClientID(ctx, id)
	method, ours := methods[id]
	if err != nil || !ours {
		return found, err
	}
	tokens := op.AccessTokenTypeBearer
	if id == "jwt" {
		tokens = op.AccessTokenTypeJWT
	}
	return client{found, method, tokens}, nil
}

func (s clients) GetKeyByIDAndClientID(ctx context.Context, kid, id string) (*jose.JSONWebKey, error) {
	if id == "key" && kid == s.key.KeyID {
		return &s.key, nil
	}
	return s.Storage.GetKeyByIDAndClientID(ctx, kid, id)
}

func main() {
	issuer := "http://localhost:" + os.Getenv("PORT") + "/"
	for id := range methods {
		storage.RegisterClients(storage.WebClient(id, os.Getenv("SECRET"), os.Getenv("REDIRECT_URI")))
	}
	store := clients{Storage: storage.NewStorage(storage.NewUserStore(issuer))}
	if err := json.Unmarshal([]byte(os.Getenv("KEY")), &store.key); err != nil {
		panic(err)
	}
	router := exampleop.SetupServer(issuer, store, slog.Default(), false)
	panic(http.ListenAndServe("localhost:"+os.Getenv("PORT"), router))
}
