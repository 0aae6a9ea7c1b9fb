namespace MnistGpu.Cli;

/// <summary>Formats commands to be pasted into a shell.</summary>
internal static class Shell
{
    private const string Plain = "_-./:=@%+,";

    /// <summary>An argument for the shell: in quotes if it has a space or another special character.</summary>
    public static string Quote(string argument)
    {
        if (argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || Plain.Contains(c) || c == Path.DirectorySeparatorChar))
            return argument;
        // Between single quotes only these are special: they are closed, escaped and opened again.
        return OperatingSystem.IsWindows() ? $"\"{argument}\"" : $"'{argument.Replace("'", @"'\''")}'";
    }
}
