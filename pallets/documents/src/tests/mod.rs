//! The rules of documents, one file per behaviour.

mod example;
