using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>The names of a block of OpenCL C: as close to those of C# as it allows, and no two alike.</summary>
internal sealed partial class Names
{
    // Keywords and types of C and OpenCL C, and the functions and macros that translated code uses.
    private static readonly HashSet<string> s_reserved =
    [
        .. ("auto break case char const continue default do double else enum extern float for goto if inline int long "
            + "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile "
            + "while bool true false half uchar ushort uint ulong size_t ptrdiff_t intptr_t uintptr_t event_t "
            + "sampler_t kernel global local constant private generic pipe read_only write_only read_write complex "
            + "imaginary uniform NULL NAN INFINITY MAXFLOAT HUGE_VALF HUGE_VAL main defined "
            + "exp log pow sqrt rsqrt tanh fabs floor fmod min max min_float max_float barrier "
            + "get_global_id get_local_id get_group_id get_local_size get_num_groups").Split(' ')
    ];

    private readonly HashSet<string> _taken;
    private readonly Names? _outer;

    /// <param name="taken">Names that are not to be given.</param>
    /// <param name="outer">The names of the block around, which are not to be given either.</param>
    internal Names(IEnumerable<string> taken, Names? outer = null)
    {
        _taken = [.. taken];
        _outer = outer;
    }

    /// <summary>A name like this one that has not been given before.</summary>
    internal string Unique(string wanted)
    {
        string name = Identifier(wanted);
        string unique = name;
        for (int number = 2; IsTaken(unique); number++)
            unique = $"{name}_{number}";
        _taken.Add(unique);
        return unique;
    }

    private bool IsTaken(string name) => _taken.Contains(name) || _outer?.IsTaken(name) == true;

    private static string Identifier(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || c == '_')
                text.Append(c);
            else if (char.IsLetterOrDigit(c))
                text.Append('u').Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
            else if (text.Length > 0)
                text.Append('_');
        }

        // Names that begin with an underscore belong to the compiler, and so do the names of its types.
        string identifier = text.ToString();
        if (identifier.Length == 0 || identifier[0] == '_' || char.IsAsciiDigit(identifier[0]))
            identifier = "v" + identifier;
        return s_reserved.Contains(identifier) || OfCompiler().IsMatch(identifier) ? identifier + "_" : identifier;
    }

    [GeneratedRegex("^((u?(char|short|int|long)|float|double|half)(2|3|4|8|16)|image\\d\\w*_t|(convert|atomic|as)_\\w+"
        + "|(M|CL|CLK|FLT|INT|UINT|LONG|CHAR|SHRT|UCHAR|USHRT|ULONG|SCHAR)_\\w+)$")]
    private static partial Regex OfCompiler();
}
