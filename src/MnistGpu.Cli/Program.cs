using System.Runtime.InteropServices;
using MnistGpu.Cli;

using var interrupted = new CancellationTokenSource();

// The first Ctrl-C asks a training to stop and keep what it has; a second one ends the process at once.
void Interrupt(PosixSignalContext context)
{
    context.Cancel = !interrupted.IsCancellationRequested;
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
return CommandLine.Run(args, new Terminal(Console.Out, Console.Error, interrupted.Token));
