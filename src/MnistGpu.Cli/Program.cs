using System.Diagnostics;
using System.Runtime.InteropServices;
using MnistGpu.Cli;

using var interrupted = new CancellationTokenSource();
List<PosixSignalRegistration> registrations = [];

// Until a command asks for this, a signal ends the process, which may be waiting for a pipe. After that the first Ctrl-C
// asks it to stop and keep what it has; a later one ends the process at once. A second in between is for keeping it.
long first = 0;
var interruption = new Lazy<CancellationToken>(() =>
{
    foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            if (!interrupted.IsCancellationRequested)
                first = Stopwatch.GetTimestamp();
            context.Cancel = Stopwatch.GetElapsedTime(first).TotalSeconds < 1;
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
