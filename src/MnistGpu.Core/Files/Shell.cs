namespace MnistGpu.Core.Files;

/// <summary>Commands that are printed so that somebody pastes them into a shell.</summary>
public static class Shell
{
    private const string Plain = "_-./:=@%+,";

    /// <summary>An argument as the shell takes it: in quotes where it has a blank or any other character of the shell's.</summary>
    public static string Quote(string argument)
    {
        if (argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || Plain.Contains(c) || c == Path.DirectorySeparatorChar))
            return argument;
        // Nothing is special between these quotes, but for themselves: they are closed, written and opened again.
        return OperatingSystem.IsWindows() ? $"\"{argument}\"" : $"'{argument.Replace("'", @"'\''")}'";
    }
}
