package endpoint

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// TLS reads the files of s and returns the configuration of its secure
// targets, or nil when it has none. Errors name the flag or variable.
func (s *Settings) TLS() (*tls.Config, error) {
	if !s.Secure() {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CACert.Path != "" {
		pem, err := os.ReadFile(s.CACert.Path)
		if err != nil {
			return nil, fmt.Errorf("%s: read certificates: %w", s.CACert.Source, err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: %s holds no PEM certificate", s.CACert.Source, s.CACert.Path)
		}
	}
	if s.Cert.Path != "" {
		pair, err := tls.LoadX509KeyPair(s.Cert.Path, s.Key.Path)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: load client certificate: %w", s.Cert.Source, s.Key.Source, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
