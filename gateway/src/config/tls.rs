//! How the broker is known to be the one meant, and we to it.

use rustls::{
	crypto::ring,
	pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer},
	ClientConfig, RootCertStore,
};
use std::{path::Path, sync::Arc};

/// Certificates that vouch for brokers: those in a file, and no others.
pub(super) fn roots_of(file: &Path) -> Result<RootCertStore, String> {
	let mut roots = RootCertStore::empty();
	for certificate in certificates(file)? {
		roots.add(certificate).map_err(|error| format!("{}: {error}", file.display()))?;
	}
	Ok(roots)
}

/// Certificates that vouch for brokers: those of this system.
pub(super) fn roots_of_system() -> Result<RootCertStore, String> {
	let mut roots = RootCertStore::empty();
	roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
	if roots.is_empty() {
		return Err("this system has no certificates; name a file in `ca`".into());
	}
	Ok(roots)
}

/// By which the broker knows us: a certificate with its chain, and its key.
pub(super) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Reads both files.
pub(super) fn identity(certificate: &Path, key: &Path) -> Result<Identity, String> {
	let chain = certificates(certificate)?;
	let key = PrivateKeyDer::from_pem_file(key)
		.map_err(|error| format!("{}: no private key in PEM: {error}", key.display()))?;
	Ok((chain, key))
}

/// TLS 1.2 or 1.3, with the provider that the node uses.
pub(super) fn client(
	roots: RootCertStore,
	identity: Option<Identity>,
) -> Result<Arc<ClientConfig>, String> {
	let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
		.with_safe_default_protocol_versions()
		.map_err(|error| error.to_string())?
		.with_root_certificates(roots);
	let config = match identity {
		None => builder.with_no_client_auth(),
		Some((chain, key)) => builder
			.with_client_auth_cert(chain, key)
			.map_err(|error| format!("certificate and key don't go together: {error}"))?,
	};
	Ok(Arc::new(config))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
	let found = CertificateDer::pem_file_iter(file)
		.and_then(Iterator::collect::<Result<Vec<_>, _>>)
		.map_err(|error| format!("{}: no certificates in PEM: {error}", file.display()))?;
	if found.is_empty() {
		return Err(format!("{}: there is no certificate in it", file.display()));
	}
	Ok(found)
}
