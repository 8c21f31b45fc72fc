//! The real binary as its operator meets it: started, stopped, killed, and given what is faulty.

mod backups;
mod beside;
mod binary;
mod care;
mod commands;
mod competence;
mod config;
mod crash;
mod database;
mod demo;
mod doctor;
mod erase;
mod handover;
mod keys;
mod no_names;
mod office;
mod people;
mod pseudonyms;
mod pull;
mod rebuild;
mod reports;
mod retention;
mod serve;
mod sign_in;
mod source;
mod upgrade;
