//! The connections to the broker.
//!
//! MQTT 5, of which two things matter here: the broker is told the largest packet that we take, so that
//! one oversized message can't be sent again with every connection; and it is told not to send what it
//! retained where ages matter.
//!
//! Each attempt to connect is a client of its own and a task of its own. So nothing of a lost connection
//! is carried over, and should the library fail on what a broker sends, that is a lost connection, too.

use crate::{
	config::{Broker, Settings},
	intake::{Intake, Message},
	retry::Retry,
	shelf::{Link, LinkState, Shelf},
	shown,
};
use log::{info, warn};
use rumqttc::{
	v5::{
		mqttbytes::{
			v5::{
				ConnectReturnCode, Filter as Subscription, Packet, Publish, RetainForwardRule,
				SubAck, SubscribeReasonCode,
			},
			QoS,
		},
		AsyncClient, ConnectionError, Event, EventLoop, MqttOptions,
	},
	Outgoing, TlsConfiguration, Transport,
};
use rwa_primitives::device::MAX_JSON;
use std::{
	collections::{BTreeMap, BTreeSet, VecDeque},
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::{
	sync::{mpsc, watch, Notify},
	task::block_in_place,
	time::{sleep, timeout},
};

/// How long the broker keeps for us what devices send while we are away, in seconds. A day is time for a
/// repair; longer than `max_skew_s` nothing of it would be taken anyway.
const SESSION: u32 = 86_400;
/// Messages that the broker may send before we have acknowledged one.
const IN_FLIGHT: u16 = 64;
/// Messages that are taken together.
const BATCH: usize = 64;
/// Requests that wait for the connection: acknowledgements of all messages in flight, several times.
const REQUESTS: usize = 1_024;
/// Filters in one packet: at 256 bytes, 16 KiB.
const FILTERS: usize = 64;
/// Bytes that a packet may have beside its payload: a topic, and what publishers add.
const OVERHEAD: usize = 8_192;
/// For connecting, in seconds, and for the answer to subscriptions.
const PATIENCE: u64 = 10;
/// For saying goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// A message on its way, and how to answer for it.
pub struct Delivery {
	link: Link,
	publish: Publish,
	client: AsyncClient,
	lost: Arc<Notify>,
}

impl Delivery {
	/// It is kept, or never will be: the broker may forget it.
	fn acknowledge(&self) {
		if self.client.try_ack(&self.publish).is_err() {
			self.lost.notify_one();
		}
	}

	/// It could not be kept. Ends the connection: with the next one, the broker sends it again.
	fn give_back(&self) {
		self.lost.notify_one();
	}

	fn message(&self) -> Message<'_> {
		let Publish { topic, payload, retain, .. } = &self.publish;
		Message { link: self.link, topic, payload, retained: *retain }
	}
}

/// Where deliveries go. Holds one batch; then the broker waits.
pub fn channel() -> (mpsc::Sender<Delivery>, mpsc::Receiver<Delivery>) {
	mpsc::channel(BATCH)
}

/// Takes what comes, until all senders are gone.
pub async fn take_in(mut intake: Intake, mut deliveries: mpsc::Receiver<Delivery>) {
	let mut batch = Vec::with_capacity(BATCH);
	while deliveries.recv_many(&mut batch, BATCH).await > 0 {
		let messages: Vec<_> = batch.iter().map(Delivery::message).collect();
		// Waits for the disk.
		let kept = block_in_place(|| intake.take(&messages, crate::now()));
		match kept {
			Ok(_) => batch.iter().for_each(Delivery::acknowledge),
			Err(_) => batch.iter().for_each(Delivery::give_back),
		}
		batch.clear();
	}
}

/// Why a connection ended.
enum End {
	/// It was asked to.
	Stopped,
	/// Something went wrong.
	Lost(String),
}

/// One of the connections, over all its attempts.
#[derive(Clone)]
pub struct Session {
	/// Which.
	pub link: Link,
	/// Where to, and for what.
	pub settings: Arc<Settings>,
	/// Where its state is shown.
	pub shelf: Arc<Shelf>,
	/// Where what comes goes.
	pub deliveries: mpsc::Sender<Delivery>,
	/// Turns true when the program stops.
	pub stop: watch::Receiver<bool>,
}

impl Session {
	/// Connects, again and again, until the program stops.
	pub async fn run(mut self) {
		let mut retry = Retry::new(self.settings.broker.max_retry);
		loop {
			let began = Instant::now();
			let attempt = tokio::spawn(self.clone().connect());
			let reason = match attempt.await {
				Ok(End::Stopped) => return,
				Ok(End::Lost(reason)) => reason,
				Err(_) => "the MQTT library failed on what the broker sent".into(),
			};
			self.note_loss(reason);
			let wait = retry.wait(began.elapsed(), rand::random());
			tokio::select! {
				() = sleep(wait) => {}
				() = stopped(&mut self.stop) => return,
			}
		}
	}

	/// One connection, from its beginning to its end.
	async fn connect(mut self) -> End {
		let (client, events) = AsyncClient::new(self.options(), REQUESTS);
		let lost = Arc::new(Notify::new());
		let mut connection = Connection {
			session: &self,
			client,
			events,
			lost: lost.clone(),
			asked: Asked::default(),
		};
		let mut stop = self.stop.clone();
		let reason = tokio::select! {
			reason = connection.follow() => reason,
			() = lost.notified() => "what came could not be kept or acknowledged".into(),
			() = stopped(&mut stop) => {
				connection.say_goodbye().await;
				return End::Stopped;
			}
		};
		self.stop = stop;
		End::Lost(reason)
	}

	fn options(&self) -> MqttOptions {
		let Broker { host, port, client_id, login, tls, keep_alive, .. } = &self.settings.broker;
		let id = match self.link {
			Link::Devices => client_id.clone(),
			Link::Topics => format!("{client_id}-topics"),
		};
		let mut options = MqttOptions::new(id, host, *port);
		let lasting = self.link == Link::Devices;
		options
			.set_keep_alive(*keep_alive)
			.set_connection_timeout(PATIENCE)
			.set_manual_acks(true)
			.set_clean_start(!lasting)
			.set_session_expiry_interval(Some(if lasting { SESSION } else { 0 }))
			.set_receive_maximum(Some(IN_FLIGHT))
			.set_max_packet_size(Some(self.max_packet()))
			.set_outgoing_inflight_upper_limit(IN_FLIGHT);
		if let Some((user, password)) = login {
			options.set_credentials(user, password);
		}
		if let Some(tls) = tls {
			options.set_transport(Transport::Tls(TlsConfiguration::Rustls(tls.clone())));
		}
		options
	}

	/// What can be kept, and some room.
	fn max_packet(&self) -> u32 {
		let payload = match self.link {
			Link::Devices => MAX_JSON,
			Link::Topics => {
				self.settings.topics.iter().map(|topic| topic.max_bytes).max().unwrap_or_default()
			}
		};
		u32::try_from(payload.saturating_add(OVERHEAD)).unwrap_or(u32::MAX)
	}

	/// Each once, however many entries ask for it.
	fn filters(&self) -> BTreeSet<&str> {
		match self.link {
			Link::Devices => {
				self.settings.devices.iter().map(|entry| entry.filter.as_str()).collect()
			}
			Link::Topics => {
				self.settings.topics.iter().map(|entry| entry.filter.as_str()).collect()
			}
		}
	}

	/// Changes what is shown of the connection.
	fn note(&self, change: impl FnOnce(&mut LinkState)) {
		if let Some(state) = self.shelf.write().links.get_mut(&self.link) {
			change(state);
		}
	}

	/// Logged unless it is the same as the last time: attempts go on for hours.
	fn note_loss(&self, reason: String) {
		let mut news = false;
		self.note(|state| {
			news = state.connected || state.error.as_ref() != Some(&reason);
			state.connected = false;
			state.error = Some(reason.clone());
		});
		if news {
			let Broker { host, port, .. } = &self.settings.broker;
			let link = self.link.name();
			warn!("{link}: no connection to {host}:{port}: {reason}. Trying again.");
		}
	}

	fn note_connected(&self, refused: Vec<String>) {
		let mut news = false;
		self.note(|state| {
			news = state.refused_topics != refused;
			*state = LinkState { connected: true, error: None, refused_topics: refused.clone() };
		});
		let (link, host) = (self.link.name(), &self.settings.broker.host);
		info!("{link}: connected to {host}");
		if news && !refused.is_empty() {
			let topics = refused.join(", ");
			warn!("{link}: the broker doesn't let us read {topics}; see its access control");
		}
	}
}

/// Subscriptions that the broker has not answered.
#[derive(Default)]
struct Asked {
	/// In the order in which they were handed to the library, which then numbers them.
	unnumbered: VecDeque<Vec<String>>,
	numbered: BTreeMap<u16, Vec<String>>,
	refused: Vec<String>,
}

impl Asked {
	fn all_answered(&self) -> bool {
		self.unnumbered.is_empty() && self.numbered.is_empty()
	}
}

struct Connection<'a> {
	session: &'a Session,
	client: AsyncClient,
	events: EventLoop,
	lost: Arc<Notify>,
	asked: Asked,
}

impl Connection<'_> {
	/// Until it is lost. Returns why.
	async fn follow(&mut self) -> String {
		let limit = Duration::from_secs(2 * PATIENCE);
		let begun = match timeout(limit, self.until_ready()).await {
			Ok(begun) => begun,
			Err(_) => Err("the broker doesn't answer our subscriptions".into()),
		};
		let mut step = begun.map(|()| false);
		loop {
			match step {
				Ok(_) => step = self.step().await,
				Err(reason) => return reason,
			}
		}
	}

	/// Until all subscriptions are answered.
	async fn until_ready(&mut self) -> Result<(), String> {
		while !self.step().await? {}
		self.session.note_connected(std::mem::take(&mut self.asked.refused));
		Ok(())
	}

	/// What happens next. True if it was the answer to the last subscription.
	async fn step(&mut self) -> Result<bool, String> {
		match self.events.poll().await {
			Ok(Event::Incoming(packet)) => self.incoming(packet).await,
			Ok(Event::Outgoing(Outgoing::Subscribe(number))) => {
				let filters = self.asked.unnumbered.pop_front().unwrap_or_default();
				self.asked.numbered.insert(number, filters);
				Ok(false)
			}
			Ok(Event::Outgoing(_)) => Ok(false),
			Err(error) => Err(describe(&error)),
		}
	}

	/// Whether the last subscription has been answered with this.
	async fn incoming(&mut self, packet: Packet) -> Result<bool, String> {
		match packet {
			Packet::ConnAck(_) => self.subscribe().map(|()| false),
			Packet::SubAck(answer) => {
				self.answered(&answer);
				Ok(self.asked.all_answered())
			}
			Packet::Publish(publish) => self.deliver(publish).await.map(|()| false),
			_ => Ok(false),
		}
	}

	fn subscribe(&mut self) -> Result<(), String> {
		let rule = match self.session.link {
			Link::Devices => RetainForwardRule::OnEverySubscribe,
			Link::Topics => RetainForwardRule::Never,
		};
		let filters: Vec<_> = self.session.filters().into_iter().map(String::from).collect();
		for some in filters.chunks(FILTERS) {
			let subscriptions = some.iter().map(|filter| Subscription {
				retain_forward_rule: rule.clone(),
				..Subscription::new(filter.as_str(), QoS::AtLeastOnce)
			});
			self.asked.unnumbered.push_back(some.to_vec());
			self.client
				.try_subscribe_many(subscriptions)
				.map_err(|_| "the MQTT library takes no subscriptions".to_string())?;
		}
		Ok(())
	}

	fn answered(&mut self, answer: &SubAck) {
		let filters = self.asked.numbered.remove(&answer.pkid).unwrap_or_default();
		let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
		let codes = answer.return_codes.iter().map(granted).chain(std::iter::repeat(false));
		let refused = filters.into_iter().zip(codes).filter(|(_, granted)| !granted);
		self.asked.refused.extend(refused.map(|(filter, _)| filter));
	}

	async fn deliver(&mut self, publish: Publish) -> Result<(), String> {
		// We allow none. The library would remember each, with the packet that it came in.
		if publish.properties.as_ref().is_some_and(|more| more.topic_alias.is_some()) {
			return Err("the broker uses topic aliases, which we don't allow".into());
		}
		let delivery = Delivery {
			link: self.session.link,
			publish,
			client: self.client.clone(),
			lost: self.lost.clone(),
		};
		let sent = self.session.deliveries.send(delivery).await;
		sent.map_err(|_| "this program is stopping".into())
	}

	/// So that the broker doesn't take us for lost.
	async fn say_goodbye(&mut self) {
		if self.client.try_disconnect().is_ok() {
			let _ = timeout(GOODBYE, async { while self.events.poll().await.is_ok() {} }).await;
		}
	}
}

/// Resolves when the program stops.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
	// An error means that whoever could say so is gone.
	let _ = stop.wait_for(|stop| *stop).await;
}

/// In words that say what to do, without what could be a secret or without end.
fn describe(error: &ConnectionError) -> String {
	match error {
		ConnectionError::ConnectionRefused(code) => refusal(*code),
		error => {
			let text = shown(&error.to_string());
			let hint = [
				("UnknownIssuer", "the broker's certificate is vouched for by nobody in `ca`"),
				("invalid peer certificate", "the broker's certificate isn't good for its `host`"),
				("Connection refused", "nothing listens there"),
				("PayloadSizeLimitExceeded", "a packet is larger than we said that we take"),
			];
			match hint.iter().find(|(part, _)| text.contains(part)) {
				Some((_, hint)) => format!("{text} ({hint})"),
				None => text,
			}
		}
	}
}

fn refusal(code: ConnectReturnCode) -> String {
	use ConnectReturnCode::{
		BadUserNamePassword, NotAuthorized, RefusedProtocolVersion, UnsupportedProtocolVersion,
	};
	match code {
		BadUserNamePassword | NotAuthorized => {
			"the broker refuses `username` and `password`".into()
		}
		RefusedProtocolVersion | UnsupportedProtocolVersion => {
			"the broker doesn't speak MQTT 5; Mosquitto does from version 1.6".into()
		}
		code => format!("the broker refuses us: {code:?}"),
	}
}
