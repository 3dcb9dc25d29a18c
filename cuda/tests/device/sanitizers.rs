//! What kernels must not do, done on purpose, for the sanitizers that `EMULATION_SANITIZE` names: each ends the process.

use std::ffi::{CString, c_void};
use std::process::{Command, ExitCode};

use cudarc::driver::{CudaContext, DevicePtr, result};
use diagram_cuda::compiler::{Source, compile};

use crate::emulation::{self, Emulation};

/// The variable with the number of the mistake that a process makes.
const MISTAKE: &str = "DIAGRAMS_MISTAKE";

/// How many numbers the memory that a mistake is given has, and the shared memory of its block.
const COUNT: usize = 5;

/// A mistake: its name, the statement of a kernel over `x`, `shared` and `count`, the sanitizer that finds it, and what that says.
type Mistake = (&'static str, &'static str, &'static str, &'static str);

const MISTAKES: [Mistake; 6] = [
    ("none", "x[count - 1] = shared[count - 1] = 1;", "", ""),
    (
        "a store behind a buffer",
        "x[count] = 1;",
        "address",
        "heap-buffer-overflow",
    ),
    (
        "a load before a buffer",
        "x[0] = x[-count];",
        "address",
        "heap-buffer-overflow",
    ),
    (
        "a store behind shared memory",
        "shared[count] = 1;",
        "address",
        "heap-buffer-overflow",
    ),
    (
        "a store behind an array",
        "int own[4] = {}; own[count] = 1; x[0] = own[count - 4];",
        "undefined",
        "out of bounds",
    ),
    (
        "a sum that is too large",
        "x[0] = 2147483647 + count;",
        "undefined",
        "signed integer overflow",
    ),
];

/// Makes the mistake that the process is asked for.
pub(crate) fn make() -> ExitCode {
    emulation::load();
    let number: usize = std::env::var(MISTAKE)
        .ok()
        .and_then(|number| number.parse().ok())
        .expect("the number of a mistake");
    let (_, statement, ..) = MISTAKES[number];
    let text = format!(
        "extern \"C\" __global__ void mistake(int* x, int count) {{
    SHARED_MEMORY(bytes);
    int* shared = reinterpret_cast<int*>(bytes);
    {statement}
}}
"
    );
    let source = Source {
        name: "mistake",
        text: &text,
    };
    let compiled = compile(source, "sm_90").expect("compiled");
    let context = CudaContext::new(0).expect("a device");
    // SAFETY: there is one stream alone, on which all is done in the order of the calls.
    unsafe { context.disable_event_tracking() };
    let stream = context.new_stream().expect("a stream");
    let buffer = stream.alloc_zeros::<i32>(COUNT).expect("memory");
    let (mut pointer, _used) = buffer.device_ptr(&stream);
    let mut count = COUNT as i32;
    let mut arguments: [*mut c_void; 2] = [(&raw mut pointer).cast(), (&raw mut count).cast()];
    // SAFETY: the code is what the compiler made, and its kernel has these two parameters. What it does with them is what the emulation has to find.
    unsafe {
        let module = result::module::load_data(compiled.code.as_ptr().cast()).expect("loaded");
        let name = CString::new("mistake").expect("no 0");
        let function = result::module::get_function(module, name).expect("the kernel");
        let bytes = size_of::<[i32; COUNT]>() as u32;
        let (one, stream) = ((1, 1, 1), stream.cu_stream());
        result::launch_kernel(function, one, one, bytes, stream, &mut arguments).expect("launched");
        result::module::unload(module).expect("unloaded");
    }
    ExitCode::SUCCESS
}

/// Runs a process for each mistake that the sanitizers find, and says whether each ends as it must.
pub(crate) fn run(emulation: &Emulation, program: &dyn Fn() -> Command, filters: &[&str]) -> bool {
    let mut passed = true;
    for (number, (name, _, sanitizer, message)) in MISTAKES.into_iter().enumerate() {
        let name = format!("mistake: {name}");
        let is_wanted = filters.is_empty() || filters.iter().any(|filter| name.contains(filter));
        let is_right = sanitizer.is_empty();
        if !is_wanted || !(is_right || emulation.has_sanitizer(sanitizer)) {
            continue;
        }
        let mut command = emulation.command(program());
        command.env(MISTAKE, number.to_string());
        let output = command.output().expect("started");
        let errors = String::from_utf8_lossy(&output.stderr);
        let found = output.status.success() == is_right && errors.contains(message);
        let state = if found { "ok" } else { "FAILED" };
        println!("test {name} ... {state}");
        if !found {
            println!("{}:\n{errors}", output.status);
        }
        passed &= found;
    }
    passed
}
