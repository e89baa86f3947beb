//! A real Mosquitto, with TLS and a password file, on a port of its own.

use super::until;
use rumqttc::{
	v5::{
		mqttbytes::{v5::Packet, QoS},
		Client, Event, MqttOptions,
	},
	TlsConfiguration, Transport,
};
use rustls::{
	crypto::ring,
	pki_types::{pem::PemObject, CertificateDer},
	ClientConfig, RootCertStore,
};
use std::{
	fs,
	net::{TcpListener, TcpStream},
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	sync::Arc,
	time::Duration,
};

/// Who may read everything and write everything.
pub(crate) const USER: &str = "gateway";
/// Its password.
pub(crate) const PASSWORD: &str = "right";

/// Folder, port and certificates of a broker, which runs or doesn't.
pub(crate) struct Broker {
	folder: tempfile::TempDir,
	port: u16,
	child: Option<Child>,
}

impl Broker {
	/// Running, with certificates of its own.
	pub(crate) fn start() -> Self {
		let folder = tempfile::tempdir().unwrap();
		let port = free_port();
		certificates(folder.path());
		passwords(folder.path());
		let mut broker = Self { folder, port, child: None };
		broker.configure("");
		broker.resume();
		broker
	}

	/// With further lines of configuration, from the next [`Self::resume`] on.
	pub(crate) fn configure(&self, more: &str) {
		let folder = self.folder.path().display();
		let port = self.port;
		// It keeps what is for absent clients, as brokers in the field do.
		let text = format!(
			"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {folder}/passwords\n\
			 cafile {folder}/ca.pem\ncertfile {folder}/server.pem\nkeyfile {folder}/server.key\n\
			 persistence true\npersistence_location {folder}/\nuser root\n{more}\n"
		);
		fs::write(self.folder.path().join("mosquitto.conf"), text).unwrap();
	}

	/// Starts it, again.
	pub(crate) fn resume(&mut self) {
		let log = fs::File::create(self.folder.path().join("mosquitto.log")).unwrap();
		let child = Command::new(mosquitto())
			.arg("-c")
			.arg(self.folder.path().join("mosquitto.conf"))
			.stdin(Stdio::null())
			.stdout(log.try_clone().unwrap())
			.stderr(log)
			.spawn()
			.unwrap();
		self.child = Some(child);
		until("Mosquitto listens", || TcpStream::connect(("127.0.0.1", self.port)).ok().map(drop));
	}

	/// Stops it, gracefully: it writes down what it keeps.
	pub(crate) fn pause(&mut self) {
		if let Some(mut child) = self.child.take() {
			let pid = rustix::process::Pid::from_child(&child);
			rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
			child.wait().unwrap();
		}
	}

	pub(crate) fn port(&self) -> u16 {
		self.port
	}

	/// The certificate that vouches for it.
	pub(crate) fn ca(&self) -> PathBuf {
		self.folder.path().join("ca.pem")
	}

	/// A certificate that doesn't.
	pub(crate) fn other_ca(&self) -> PathBuf {
		self.folder.path().join("other.pem")
	}

	/// Lines of a gateway's `[broker]` that reach it.
	pub(crate) fn settings(&self) -> String {
		self.settings_with(&self.ca())
	}

	/// The same, with another certificate to vouch for it.
	pub(crate) fn settings_with(&self, ca: &Path) -> String {
		format!(
			"port = {}\nusername = \"{USER}\"\npassword = {{ env = \"GATEWAY_PASSWORD\" }}\n\
			 [broker.tls]\nca = \"{}\"\n",
			self.port,
			ca.display()
		)
	}

	/// Certificate and key of a client that the broker's own authority vouches for.
	pub(crate) fn client_files(&self) -> [PathBuf; 2] {
		["client.pem", "client.key"].map(|name| self.folder.path().join(name))
	}

	/// Publishes these, in order, and returns when the broker has them.
	pub(crate) fn publish(&self, messages: &[(&str, &str)]) {
		let messages: Vec<_> =
			messages.iter().map(|(topic, payload)| (*topic, *payload, false)).collect();
		self.publish_all(&messages);
	}

	/// The same, to be kept for whoever subscribes.
	pub(crate) fn retain(&self, topic: &str, payload: &str) {
		self.publish_all(&[(topic, payload, true)]);
	}

	fn publish_all(&self, messages: &[(&str, &str, bool)]) {
		let mut options = MqttOptions::new("instrument", "localhost", self.port);
		options.set_credentials(USER, PASSWORD);
		options.set_keep_alive(Duration::from_secs(30));
		options.set_transport(Transport::Tls(TlsConfiguration::Rustls(self.tls())));
		let (client, mut connection) = Client::new(options, messages.len() + 1);
		for (topic, payload, retain) in messages {
			client.publish(*topic, QoS::AtLeastOnce, *retain, payload.to_string()).unwrap();
		}
		let mut acknowledged = 0;
		for event in connection.iter() {
			match event.unwrap() {
				Event::Incoming(Packet::PubAck(_)) => acknowledged += 1,
				_ => continue,
			}
			if acknowledged == messages.len() {
				return;
			}
		}
	}

	fn tls(&self) -> Arc<ClientConfig> {
		let mut roots = RootCertStore::empty();
		for certificate in CertificateDer::pem_file_iter(self.ca()).unwrap() {
			roots.add(certificate.unwrap()).unwrap();
		}
		let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
		let builder = builder.with_safe_default_protocol_versions().unwrap();
		Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
	}

	/// What it logged since it was started last.
	pub(crate) fn log(&self) -> String {
		fs::read_to_string(self.folder.path().join("mosquitto.log")).unwrap()
	}
}

impl Drop for Broker {
	fn drop(&mut self) {
		if let Some(mut child) = self.child.take() {
			let _ = child.kill();
			let _ = child.wait();
		}
	}
}

/// A port of loopback that was free.
pub(crate) fn free_port() -> u16 {
	TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The program. Debian keeps it where only root looks.
fn mosquitto() -> PathBuf {
	let found = |path: &PathBuf| path.is_file();
	let path = std::env::var_os("PATH").unwrap_or_default();
	let mut places: Vec<_> = std::env::split_paths(&path).collect();
	places.push("/usr/sbin".into());
	let mut candidates = places.into_iter().map(|place| place.join("mosquitto"));
	candidates.find(found).expect("no mosquitto here: run scripts/setup.sh, which installs it")
}

fn passwords(folder: &Path) {
	let file = folder.join("passwords");
	run(Command::new("mosquitto_passwd").args(["-c", "-b"]).arg(file).args([USER, PASSWORD]));
}

/// A certificate authority, one that has nothing to do with the broker, and certificates of the first.
fn certificates(folder: &Path) {
	for name in ["ca", "other"] {
		openssl(
			folder,
			"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2",
			|c| {
				c.args(["-subj", &format!("/CN=rwa test {name}")]).args([
					"-keyout",
					&format!("{name}.key"),
					"-out",
					&format!("{name}.pem"),
				])
			},
		);
	}
	fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
	for name in ["server", "client"] {
		signed(folder, name);
	}
}

/// A certificate that the authority vouches for.
fn signed(folder: &Path, name: &str) {
	let [key, request, certificate] = ["key", "csr", "pem"].map(|end| format!("{name}.{end}"));
	openssl(folder, "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes", |c| {
		c.args(["-subj", "/CN=localhost", "-keyout", &key, "-out", &request])
	});
	openssl(folder, "x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 2", |c| {
		c.args(["-in", &request, "-extfile", "names", "-out", &certificate])
	});
}

fn openssl(folder: &Path, arguments: &str, more: impl Fn(&mut Command) -> &mut Command) {
	let mut command = Command::new("openssl");
	run(more(command.args(arguments.split(' ')).current_dir(folder)));
}

fn run(command: &mut Command) {
	let output = command
		.output()
		.unwrap_or_else(|error| panic!("{command:?}: {error}: run scripts/setup.sh"));
	assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
