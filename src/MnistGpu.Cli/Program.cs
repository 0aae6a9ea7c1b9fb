using System.Runtime.InteropServices;
using MnistGpu.Cli;

using var interrupted = new CancellationTokenSource();
List<PosixSignalRegistration> registrations = [];

// Until a command asks for this, a signal ends the process, which may be waiting for a pipe. After that the first Ctrl-C
// asks it to stop and keep what it has; a second one ends the process at once.
var interruption = new Lazy<CancellationToken>(() =>
{
    foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        }));
    return interrupted.Token;
});

if (PlainOutput.IsNeeded(Console.OutputEncoding, Environment.GetEnvironmentVariable))
{
    Console.SetOut(new PlainOutput(Console.Out));
    Console.SetError(new PlainOutput(Console.Error));
}
Console.SetOut(new CheckedOutput(Console.Out));
return CommandLine.Run(args, new Terminal(Console.Out, Console.Error, interruption));
