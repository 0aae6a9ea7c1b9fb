using System.Diagnostics;
using System.Runtime.InteropServices;
using MnistGpu.Cli;

using var interrupted = new CancellationTokenSource();
var interruption = new Lazy<CancellationToken>(() => interrupted.Token);
long first = 0;

// Until a command asks for the token, a signal ends the process, which may be waiting for a pipe. After that the first
// Ctrl-C asks it to stop and keep what it has; a later one ends the process at once. A second in between is for keeping it.
void Interrupt(PosixSignalContext context)
{
    if (!interruption.IsValueCreated)
        return;
    if (!interrupted.IsCancellationRequested)
        first = Stopwatch.GetTimestamp();
    context.Cancel = Stopwatch.GetElapsedTime(first).TotalSeconds < 1;
    interrupted.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);

if (PlainOutput.IsNeeded(Console.OutputEncoding, Environment.GetEnvironmentVariable))
{
    Console.SetOut(new PlainOutput(Console.Out));
    Console.SetError(new PlainOutput(Console.Error));
}
Console.SetOut(new CheckedOutput(Console.Out));
return CommandLine.Run(args, new Terminal(Console.Out, Console.Error, interruption));
