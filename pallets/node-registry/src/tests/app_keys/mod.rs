//! App keys.

mod registering;
mod revoking;
mod rotating;
