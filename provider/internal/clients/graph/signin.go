package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/transport"
)

// publicAuthorities are the sign-in services whose metadata Microsoft publishes.
// Only for others is that metadata not asked for, because it names none of them.
var publicAuthorities = []string{
	"https://login.microsoftonline.com",
	"https://login.microsoftonline.us",
	"https://login.partner.microsoftonline.cn",
	"https://login.chinacloudapi.cn",
}

// signIn returns the credential that a configuration asks for.
func signIn(c Config, options policy.ClientOptions) (*credential, error) {
	authority := strings.TrimSuffix(c.AuthorityHost, "/")
	options.Cloud = cloud.Configuration{ActiveDirectoryAuthorityHost: authority + "/"}
	options.Transport = noting{options.Transport}
	private := !slices.Contains(publicAuthorities, authority)

	var inner azcore.TokenCredential
	var err error
	if c.ClientSecret != "" {
		inner, err = azidentity.NewClientSecretCredential(c.TenantID, c.ClientID, c.ClientSecret,
			&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: private})
	} else {
		inner, err = azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: options, DisableInstanceDiscovery: private, TenantID: c.TenantID, ClientID: c.ClientID})
	}
	if err != nil {
		return nil, fmt.Errorf("cannot use the credentials: %w", err)
	}
	return &credential{inner: inner}, nil
}

// A credential gives the errors of another stable words: those of azidentity
// hold the whole answer, with times and correlation ids.
type credential struct{ inner azcore.TokenCredential }

var _ azcore.TokenCredential = &credential{}

// GetToken returns an access token, or a SignInError.
func (c *credential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	var broken *transport.Error
	token, err := c.inner.GetToken(context.WithValue(ctx, brokenKey{}, &broken), o)
	if err == nil {
		return token, nil
	}
	var failed *azidentity.AuthenticationFailedError
	switch {
	case ctx.Err() != nil:
		return azcore.AccessToken{}, &SignInError{words: "it took too long"}
	case errors.As(err, &failed) && failed.RawResponse != nil:
		return azcore.AccessToken{}, refused(failed.RawResponse)
	case broken != nil:
		return azcore.AccessToken{}, &SignInError{words: broken.Error()}
	}
	return azcore.AccessToken{}, &SignInError{words: "no usable answer from the authority host, or no service account token"}
}

// A SignInError says that the provider could not sign in to the tenant.
type SignInError struct{ words string }

// Error returns words that are the same for every attempt.
func (e *SignInError) Error() string { return "cannot sign in to the tenant: " + e.words }

// NonRetriable keeps the pipeline from signing in again at once.
func (e *SignInError) NonRetriable() {}

// refused tells what the sign-in service said, as far as that is the same each
// time: its error name and the number that Microsoft documents it by.
func refused(rsp *http.Response) *SignInError {
	var answer struct {
		Error string `json:"error"`
		Codes []int  `json:"error_codes"`
	}
	body, err := runtime.Payload(rsp)
	if err != nil || json.Unmarshal(body, &answer) != nil || answer.Error == "" {
		return &SignInError{words: fmt.Sprintf("the authority host answered %d %s", rsp.StatusCode, http.StatusText(rsp.StatusCode))}
	}
	said := []string{answer.Error}
	for _, code := range answer.Codes {
		said = append(said, fmt.Sprintf("AADSTS%d", code))
	}
	return &SignInError{words: "the credentials are refused (" + strings.Join(said, ", ") + ")"}
}

// noting is a transport that leaves a broken connection in the context, because
// azidentity turns its error into text.
type noting struct{ next policy.Transporter }

type brokenKey struct{}

func (n noting) Do(r *http.Request) (*http.Response, error) {
	rsp, err := n.next.Do(r)
	var broken *transport.Error
	if note, ok := r.Context().Value(brokenKey{}).(**transport.Error); ok && errors.As(err, &broken) {
		*note = broken
	}
	return rsp, err
}
