//! The command line of Naru. All it does is choose the allocator and hand over to [`naru::cli`].

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    naru::cli::main()
}
