//! The program `conjector`: one file a command.

mod compare;
mod explain;
mod inject;
mod list;
mod manifest;
mod new;
mod replay;
mod select;
mod serve;
mod target;
mod test;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// How the program ends. The codes never depend on the output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Passed = 0,
    /// Something failed or differs.
    Failed = 1,
    /// Bad usage, a bad file, a bad configuration.
    Usage = 2,
    /// The target cannot be reached.
    Unreachable = 3,
    /// Nothing was selected.
    Nothing = 4,
    /// A mistake of ours.
    Bug = 70,
}

/// Predicts, explains and verifies Kubernetes sidecar injection.
#[derive(Debug, Parser)]
#[command(name = "conjector", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 all passed, 1 failures, 2 usage or configuration error, 3 target unreachable, \
                        4 nothing selected, 70 a bug of ours.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Test(test::Args),
    List(list::Args),
    Explain(explain::Args),
    Inject(inject::Args),
    Compare(compare::Args),
    New(new::Args),
    Serve(serve::Args),
    Replay(replay::Args),
    /// Prints a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Passed };
            _ = error.print();
            return ExitCode::from(code as u8);
        }
    };
    let exit = match cli.command {
        Command::Test(args) => test::run(&args),
        Command::List(args) => list::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Inject(args) => inject::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::New(args) => new::run(&args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "conjector", &mut std::io::stdout());
            Exit::Passed
        }
        Command::Serve(args) => serve::run(&args),
        Command::Replay(args) => replay::run(&args),
    };
    ExitCode::from(exit as u8)
}
