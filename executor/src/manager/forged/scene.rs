//! A server in this process, its clients and its objects.

use std::any::Any;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::connection::{Connection, Replies};
use super::form::{Form, Outgoing};
use super::recorded::Recording;
use super::{Act, CLIENTS, KEY, LIMIT, Seen};
use crate::manager::message::{Command, Destination, Lifeline, Published};
use crate::manager::server::Server;
use crate::manager::{Barrier, Condition, Lock, Proxy, Queue, RLock, Semaphore};
use crate::process::codec::Draft;
use crate::process::wire::{HEADER, Kind};

/// Bytes of a destination with nothing locked.
const DESTINATION: usize = 9;

/// An object that has been made.
struct Known {
    number: u64,
    /// Which of the recorded creations it is of.
    kind: usize,
    holds_proxies: bool,
    /// As long as somebody has a proxy of it.
    lifeline: Option<Arc<OwnedFd>>,
}

/// Where a script happens.
pub(super) struct Scene {
    recording: &'static Recording,
    server: Arc<Server>,
    clients: [Option<Connection>; CLIENTS],
    objects: Vec<Known>,
    replies: Replies,
    /// How many connections the server has ended.
    ended: usize,
}

impl Scene {
    pub(super) fn new(recording: &'static Recording) -> Scene {
        Scene {
            recording,
            server: Arc::new(Server::new(KEY.into(), LIMIT).expect("a server")),
            clients: [const { None }; CLIENTS],
            objects: Vec::new(),
            replies: Replies::default(),
            ended: 0,
        }
    }

    pub(super) fn act(&mut self, client: usize, waits: bool, act: &Act) {
        match act {
            Act::Leave => return self.see_off(client),
            Act::Forget { object } => {
                if let Some(place) = self.place(*object) {
                    self.objects[place].lifeline = None;
                }
                return;
            }
            _ => {}
        }
        let outgoing = self.outgoing(act);
        let asked = match act {
            Act::Ask { object, .. } => self.number(*object),
            _ => 0,
        };
        let connection = self.clients[client].get_or_insert_with(|| {
            let (is_narrow, form) = match act {
                Act::Connect { is_narrow, form } => (*is_narrow, form),
                _ => (false, &Form::True),
            };
            Connection::open(&self.server, is_narrow, form)
        });
        match act {
            Act::CloseOutput => connection.close_output(),
            Act::Bytes(bytes) => connection.send_bytes(bytes),
            Act::Withdraw { object, back, form } => {
                let number = connection.last_number().saturating_sub(u64::from(back % 4));
                let asked = connection.asked(number).filter(|_| *object < 0xe0);
                let outgoing = asked
                    .map(|object| withdrawal(object, form))
                    .unwrap_or(outgoing);
                connection.send(outgoing.numbered(number));
            }
            Act::Ask { number, .. } => {
                let number = connection.number(*number);
                connection.note_asking(number, asked);
                connection.send(outgoing.numbered(number));
            }
            Act::Command { number, .. } | Act::Odd { number, .. } => {
                let number = connection.number(*number);
                connection.send(outgoing.numbered(number));
            }
            Act::Create { kind, number, .. } => {
                let number = connection.number(*number);
                let kind = usize::from(*kind) % self.recording.creations.len();
                connection.note_making(number, kind);
                connection.send(outgoing.numbered(number));
            }
            Act::Connect { .. } | Act::Leave | Act::Forget { .. } => {}
        }
        if waits {
            connection.wait_for_all(&mut self.replies);
            self.take_in_what_was_made();
        }
    }

    fn see_off(&mut self, client: usize) {
        if let Some(connection) = self.clients[client].take() {
            self.ended += usize::from(connection.leave(&mut self.replies));
            self.take_in_what_was_made();
        }
    }

    fn take_in_what_was_made(&mut self) {
        for (made, kind) in self.replies.made.drain(..) {
            let holds_proxies = |value: &dyn Any, _| value.is::<Vec<Proxy<i8>>>();
            let holds_proxies = self.server.look_at(made.object, holds_proxies);
            self.objects.push(Known {
                number: made.object,
                kind,
                holds_proxies: holds_proxies.expect("it has a lifeline"),
                lifeline: Some(made.lifeline.0),
            });
        }
    }

    /// The place of the object that a description means; what is past counting is none.
    fn place(&self, object: u8) -> Option<usize> {
        let place = usize::from(object).checked_rem(self.objects.len());
        place.filter(|_| object < 0xf0)
    }

    fn number(&self, object: u8) -> u64 {
        let place = self.place(object);
        place.map_or(u64::from(object), |place| self.objects[place].number)
    }

    /// The frame to send, without its number.
    fn outgoing<'a>(&self, act: &'a Act) -> Outgoing<'a> {
        let nothing = Vec::new;
        match act {
            Act::Ask { .. } => self.operation(act),
            Act::Create { kind, form, .. } => {
                let creations = &self.recording.creations;
                let request = &creations[usize::from(*kind) % creations.len()];
                let mut draft = Draft::new();
                draft.push(&request.payload);
                let passed = self.lifelines(request.passed, *kind);
                Outgoing::new(Kind::Create, draft, passed, form)
            }
            Act::Command { form, .. } => {
                let draft = Draft::new().encode(&mut self.command(act), |_, _| {}, LIMIT);
                let mut draft = draft.expect("a command");
                let passed = std::mem::take(&mut draft.passed);
                Outgoing::new(Kind::Command, draft, passed, form)
            }
            Act::Withdraw { object, form, .. } => withdrawal(self.number(*object), form),
            Act::Odd {
                code,
                payload,
                form,
                ..
            } => {
                let mut draft = Draft::new();
                draft.push(payload);
                Outgoing::new(Kind::Reply, draft, nothing(), form).of_kind(*code % 32)
            }
            _ => Outgoing::new(Kind::Reply, Draft::new(), nothing(), &Form::True),
        }
    }

    fn operation<'a>(&self, act: &'a Act) -> Outgoing<'a> {
        let Act::Ask {
            object,
            operation,
            is_stray,
            locked,
            form,
            ..
        } = act
        else {
            unreachable!("it is asked for nothing else");
        };
        let place = self.place(*object).filter(|_| !is_stray);
        let kind = place.map_or(usize::from(*object), |place| self.objects[place].kind);
        let operations = &self.recording.operations;
        let operations = &operations[kind % operations.len()];
        let request = &operations[usize::from(*operation) % operations.len()];
        let destination = Destination {
            object: self.number(*object),
            locked: locked.iter().map(|object| self.number(*object)).collect(),
        };
        let mut draft = destination.draft().expect("few are locked");
        let name_at = draft.bytes.len() - HEADER;
        draft.push(&request.payload[DESTINATION..]);
        let passed = self.lifelines(request.passed, *operation);
        Outgoing::new(Kind::Ask, draft, passed, form).with_name_at(name_at)
    }

    fn command(&self, act: &Act) -> Command {
        let Act::Command {
            command,
            object,
            lifeline,
            ..
        } = act
        else {
            unreachable!("it is asked for nothing else");
        };
        let name = ["one", "two"][usize::from(object % 2)].to_owned();
        let object = self.number(*object);
        match command % 8 {
            0 => Command::Count,
            1..=3 => Command::ClearPoison(object, Vec::new()),
            4 | 5 => {
                let published = Published {
                    object,
                    type_name: "what it calls itself".to_owned(),
                    lifeline: Lifeline(self.lifelines(1, *lifeline).remove(0)),
                };
                Command::Publish(name, published)
            }
            6 => Command::Unpublish(name),
            _ => Command::Find(name),
        }
    }

    /// Descriptors to send: lifelines of objects, if there are any. Not of those that hold proxies
    /// themselves, which might come to hold their own.
    fn lifelines(&self, count: usize, first: u8) -> Vec<Arc<OwnedFd>> {
        let leaves = self.objects.iter().filter(|known| !known.holds_proxies);
        let mut all: Vec<_> = leaves.filter_map(|known| known.lifeline.clone()).collect();
        if first >= 0xf0 || all.is_empty() {
            let null = File::open("/dev/null").expect("/dev/null");
            all = vec![Arc::new(null.into())];
        }
        let place = |next: usize| (usize::from(first) + next) % all.len();
        (0..count)
            .map(|next| Arc::clone(&all[place(next)]))
            .collect()
    }

    /// All clients leave, and nothing is theirs any more.
    pub(super) fn end(mut self) -> Seen {
        let mut parked = 0;
        for client in 0..CLIENTS {
            if client == 0 {
                let waiting = |known: &Known| self.server.look_at(known.number, |_, parked| parked);
                parked = self.objects.iter().filter_map(waiting).sum();
            }
            self.see_off(client);
        }
        self.server.forget_names();
        for known in &self.objects {
            let rest = self.server.look_at(known.number, |value, parked| {
                let kind = known.kind;
                assert_eq!(
                    parked, 0,
                    "operations wait on a {kind} for those who have left"
                );
                let is_at_rest = is_at_rest(value);
                assert!(is_at_rest, "something of a {kind} is theirs who have left");
            });
            assert!(
                rest.is_some() || known.lifeline.is_none(),
                "it has a lifeline"
            );
        }
        self.objects
            .retain(|known| !known.holds_proxies && known.lifeline.is_some());
        let objects = self.objects.len();
        self.server.expect_objects(objects);
        self.objects.clear();
        self.server.expect_objects(0);
        Seen {
            replies: std::mem::take(&mut self.replies.outcomes),
            parked,
            ended: self.ended,
            objects,
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The objects' destructors may panic as well.
            std::mem::forget(Arc::clone(&self.server));
        }
    }
}

fn withdrawal(object: u64, form: &Form) -> Outgoing<'_> {
    let destination = Destination {
        object,
        locked: Vec::new(),
    };
    let draft = destination.draft().expect("nothing is locked");
    Outgoing::new(Kind::Withdraw, draft, Vec::new(), form)
}

/// Whether nobody has anything of an object.
fn is_at_rest(value: &dyn Any) -> bool {
    fn of<T: 'static>(value: &dyn Any, is_at_rest: fn(&T) -> bool) -> bool {
        value.downcast_ref().is_none_or(is_at_rest)
    }
    of(value, Lock::is_at_rest)
        && of(value, RLock::is_at_rest)
        && of(value, Condition::is_at_rest)
        && of(value, Semaphore::is_at_rest)
        && of(value, Barrier::is_at_rest)
        && of(value, Queue::<String>::is_at_rest)
}
