using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace MnistGpu.Pictures.Tests;

/// <summary>
/// Draws pictures of MNIST digits as people take them, with marks that are not the digit. A kind has the picture's
/// brightness at each place before and after the ink is laid on; all that varies is drawn from the random numbers.
/// </summary>
internal static class PhotographedDigits
{
    private const int Side = 280;

    public static readonly IReadOnlyDictionary<string, Func<byte[], Random, GrayImage>> Kinds =
        new Dictionary<string, Func<byte[], Random, GrayImage>>
        {
            ["drawing"] = (digit, random) => Draw(digit, random, paper: 255, ink: 0, noise: 0, (_, _, value) => value),
            ["light on dark"] = (digit, random) => Draw(digit, random, paper: 0, ink: 255, noise: 0, (_, _, value) => value),
            ["thin pen"] = (digit, random) => Photo(digit, random, (_, _, value) => value, thin: true),
            ["soft shade"] = (digit, random) =>
            {
                (double right, double down) = (Between(random, -40, 40), Between(random, -40, 40));
                return Photo(digit, random, (x, y, value) => value + right * x / Side + down * y / Side);
            },
            ["tight crop"] = (digit, random) => Crop(Photo(digit, random, (_, _, value) => value)),
            ["ruled 15"] = (digit, random) => Lined(digit, random, 15, squared: false),
            ["ruled 30"] = (digit, random) => Lined(digit, random, 30, squared: false),
            ["ruled 60"] = (digit, random) => Lined(digit, random, 60, squared: false),
            ["ruled 95"] = (digit, random) => Lined(digit, random, 95, squared: false),
            ["ruled 60, leaning"] = (digit, random) => Lined(digit, random, 60, squared: false, steepest: 0.11),
            ["ruled between margins"] = RuledBetweenMargins,
            ["squared 15"] = (digit, random) => Lined(digit, random, 15, squared: true),
            ["squared 30"] = (digit, random) => Lined(digit, random, 30, squared: true),
            ["squared 60"] = (digit, random) => Lined(digit, random, 60, squared: true),
            ["frame at the edge"] = (digit, random) => Framed(digit, random, margin: 0, thickness: random.Next(1, 16)),
            ["inset frame"] = (digit, random) => Framed(digit, random, random.Next(4, 24), random.Next(1, 7)),
            ["cell of a table"] = Cell,
            ["dark desk"] = (digit, random) => OnDesk(random, Between(random, 20, 110), light => Photo(digit, random, light)),
            ["scan edge"] = ScanEdge,
            ["hand's shadow"] = Shadow,
            ["finger's shadow"] = FingersShadow,
            ["vignette"] = (digit, random) => Photo(digit, random, (x, y, value) =>
                value * (1 - 0.25 * (Math.Pow(2 * x / Side - 1, 2) + Math.Pow(2 * y / Side - 1, 2)))),
            ["rounded frame"] = RoundedFrame,
            ["corner of a desk"] = CornerOfADesk,
            ["turned sheet"] = TurnedSheet,
            ["circled"] = Circled,
            ["circled closely"] = CircledClosely,
            ["chalk"] = (digit, random) =>
                Grainy(digit, random, Between(random, 25, 75), Between(random, 180, 235), Between(random, 0.15, 0.4), thin: false),
            ["pencil"] = (digit, random) =>
                Grainy(digit, random, Between(random, 205, 240), Between(random, 90, 150), Between(random, 0.1, 0.35), thin: true),
            ["punched holes"] = Punched,
            ["light desk"] = OnLightDesk,
            ["coloured ink"] = InColor,
            ["transparent"] = Transparent,
            ["dotted 40"] = Dotted,
            ["margin line"] = WithMarginLine,
            ["small JPEG"] = SmallJpeg,
        };

    private static GrayImage Photo(
        byte[] digit, Random random, Func<double, double, double, double> light, bool thin = false, double noise = 5) =>
        Draw(digit, random, Between(random, 205, 240), Between(random, 20, 70), noise, light, thin);

    private static GrayImage Lined(byte[] digit, Random random, double contrast, bool squared, double steepest = 0.03)
    {
        double spacing = Between(random, 18, 60);
        double offset = Between(random, 0, spacing);
        double thickness = Between(random, 1, 2.5);
        double slope = Between(random, -steepest, steepest);
        return Photo(digit, random, (x, y, value) =>
        {
            double line = Line(y + slope * x);
            return value - contrast * (squared ? Math.Max(line, Line(x - slope * y)) : line);
        });

        double Line(double place)
        {
            double distance = Math.Abs((place - offset) / spacing - Math.Round((place - offset) / spacing)) * spacing;
            return Math.Clamp(thickness / 2 - distance + 0.5, 0, 1);
        }
    }

    private static GrayImage RuledBetweenMargins(byte[] digit, Random random)
    {
        double spacing = Between(random, 25, 60), offset = Between(random, 0, 30), dark = Between(random, 30, 70);
        (double left, double right) = (Between(random, 10, 50), Between(random, 230, 270));
        return Photo(digit, random, (x, y, value) =>
            x > left && x < right && (y + spacing - offset) % spacing is >= 0 and < 1.7 ? value - dark : value);
    }

    private static GrayImage Circled(byte[] digit, Random random)
    {
        double radius = Between(random, 120, 136), thickness = Between(random, 1.5, 5), dark = Between(random, 60, 200);
        return Photo(digit, random, (x, y, value) =>
            Math.Abs(double.Hypot(x - Side / 2, y - Side / 2) - radius) < thickness / 2 ? value - dark : value);
    }

    /// <summary>A circle drawn by hand, as round as people do it, that most digits touch or cross.</summary>
    private static GrayImage CircledClosely(byte[] digit, Random random)
    {
        double radius = Between(random, 80, 115), thickness = Between(random, 3, 10), dark = Between(random, 100, 200);
        (double across, double down) = (Side / 2 + Between(random, -8, 8), Side / 2 + Between(random, -8, 8));
        double oval = Between(random, 0, 0.08), lies = Between(random, 0, Math.PI), wobble = Between(random, 0, 0.03), turned = Between(random, 0, 6);
        return Photo(digit, random, (x, y, value) =>
        {
            double angle = Math.Atan2(y - down, x - across);
            double here = radius * (1 + oval * Math.Cos(2 * (angle - lies)) + wobble * Math.Cos(3 * angle + turned));
            return Math.Abs(double.Hypot(x - across, y - down) - here) < thickness / 2 ? value - dark : value;
        });
    }

    /// <summary>Ink that lies on the grain of the board or paper only.</summary>
    /// <param name="missing">About how much of the grain stays without.</param>
    private static GrayImage Grainy(byte[] digit, Random random, double paper, double ink, double missing, bool thin)
    {
        const int grains = Side / 2;
        GrayImage drawn = Draw(digit, random, paper: 0, ink: 255, noise: 0, (_, _, value) => value, thin);
        double[] height = [.. Enumerable.Range(0, grains * grains).Select(_ => random.NextDouble())];
        byte[] pixels = [.. drawn.Pixels.Select((strength, i) =>
        {
            double covered = strength / 255.0 * Math.Clamp((height[i / Side / 2 * grains + i % Side / 2] - missing) * 4 + 0.5, 0, 1);
            return (byte)Math.Clamp(Mix(paper, ink, covered) + Between(random, -9, 9), 0, 255);
        })];
        return new GrayImage(Side, Side, pixels);
    }

    /// <summary>A sheet for a binder, with two or four holes at its left edge, through which the desk is seen.</summary>
    private static GrayImage Punched(byte[] digit, Random random)
    {
        int holes = random.Next(2) == 0 ? 2 : 4;
        double radius = Between(random, 5, 10), desk = Between(random, 20, 130), across = radius + Between(random, 3, 12), shift = Between(random, -20, 20);
        return Photo(digit, random, (x, y, value) => Enumerable.Range(0, holes).Any(hole =>
            double.Hypot(x - across, y - shift - Side * (hole + 0.5) / holes) < radius) ? desk : value);
    }

    private static GrayImage OnLightDesk(byte[] digit, Random random)
    {
        double paper = Between(random, 150, 200), desk = paper + Between(random, 25, 50);
        return OnDesk(random, desk, light => Draw(digit, random, paper, Between(random, 20, 70), noise: 5, light));
    }

    /// <summary>A whole sheet on a desk, turned by 7 to 12 degrees.</summary>
    private static GrayImage TurnedSheet(byte[] digit, Random random)
    {
        double desk = Between(random, 20, 100), half = Between(random, 115, 135);
        (double sin, double cos) = Math.SinCos((random.Next(2) == 0 ? 1 : -1) * Between(random, 7, 12) * Math.PI / 180);
        return Photo(digit, random, (x, y, value) =>
        {
            (double right, double down) = (x - Side / 2, y - Side / 2);
            return Math.Max(Math.Abs(cos * right + sin * down), Math.Abs(cos * down - sin * right)) < half ? value : desk;
        });
    }

    private static GrayImage RoundedFrame(byte[] digit, Random random)
    {
        double margin = Between(random, 2, 20), thickness = Between(random, 1, 8), radius = Between(random, 10, 60);
        double dark = Between(random, 30, 200);
        double straight = Side / 2 - margin - radius;
        return Photo(digit, random, (x, y, value) =>
        {
            (double right, double down) = (Math.Abs(x - Side / 2) - straight, Math.Abs(y - Side / 2) - straight);
            double fromLine = Math.Sqrt(Math.Pow(Math.Max(right, 0), 2) + Math.Pow(Math.Max(down, 0), 2))
                + Math.Min(Math.Max(right, down), 0) - radius;
            return Math.Abs(fromLine) < thickness / 2 ? value - dark : value;
        });
    }

    private static GrayImage CornerOfADesk(byte[] digit, Random random)
    {
        (bool right, bool below) = (random.Next(2) == 0, random.Next(2) == 0);
        double desk = Between(random, 20, 110), part = Between(random, 30, 90);
        return Photo(digit, random, (x, y, value) => (right ? Side - x : x) + (below ? Side - y : y) < part ? desk : value);
    }

    /// <summary>A shadow as wide as a finger, from below.</summary>
    private static GrayImage FingersShadow(byte[] digit, Random random)
    {
        double middle = Between(random, 20, 260), halfWidth = Between(random, 15, 40), length = Between(random, 60, 200);
        double slope = Between(random, -0.4, 0.4), depth = Between(random, 0.55, 0.85), blur = Between(random, 2, 8);
        return Draw(digit, random, Between(random, 205, 240), Between(random, 20, 70), 4, (x, y, value) =>
        {
            double inside = Math.Min(halfWidth - Math.Abs(x - middle - slope * (Side - y)), y - (Side - length));
            return value * (1 - (1 - depth) * Math.Clamp(inside / blur + 0.5, 0, 1));
        }, shadowOnInk: true);
    }

    private static GrayImage Dotted(byte[] digit, Random random)
    {
        double spacing = Between(random, 18, 40);
        double radius = Between(random, 0.8, 2);
        (double left, double top) = (Between(random, 0, spacing), Between(random, 0, spacing));
        return Photo(digit, random, (x, y, value) =>
            value - 40 * Math.Clamp(radius - Math.Sqrt(SquaredFromDot(x - left) + SquaredFromDot(y - top)) + 0.5, 0, 1));

        double SquaredFromDot(double place) => Math.Pow((place / spacing - Math.Round(place / spacing)) * spacing, 2);
    }

    /// <summary>Ruled paper with an upright line at one side.</summary>
    private static GrayImage WithMarginLine(byte[] digit, Random random)
    {
        double spacing = Between(random, 24, 60), offset = Between(random, 0, spacing);
        double margin = random.Next(2) == 0 ? Between(random, 8, 30) : Side - Between(random, 8, 30);
        return Photo(digit, random, (x, y, value) =>
            value - (Math.Abs(x - margin) < 1 || (y - offset + Side * spacing) % spacing < 1.5 ? 50 : 0));
    }

    /// <summary>Ink of a colour on paper of another, which may be as light.</summary>
    private static GrayImage InColor(byte[] digit, Random random)
    {
        double[] paper, ink;
        do
        {
            paper = [.. Enumerable.Range(0, 3).Select(_ => Between(random, 20, 240))];
            ink = [.. Enumerable.Range(0, 3).Select(_ => Between(random, 20, 240))];
        }
        while (Math.Sqrt(paper.Zip(ink, (a, b) => (a - b) * (a - b)).Sum()) < 120);
        using var image = new Image<Rgba32>(Side, Side);
        GrayImage drawn = Draw(digit, random, paper: 0, ink: 255, noise: 0, (_, _, value) => value);
        for (int i = 0; i < drawn.Pixels.Length; i++)
        {
            byte[] color = [.. paper.Zip(ink, (a, b) =>
                (byte)Math.Clamp(Mix(a, b, drawn.Pixels[i] / 255.0) + Between(random, -8, 8), 0, 255))];
            image[i % Side, i / Side] = new Rgba32(color[0], color[1], color[2]);
        }
        return Grayscale.Of(image);
    }

    /// <summary>Ink of a colour on nothing.</summary>
    private static GrayImage Transparent(byte[] digit, Random random)
    {
        byte[] ink = [.. Enumerable.Range(0, 3).Select(_ => (byte)random.Next(256))];
        using var image = new Image<Rgba32>(Side, Side);
        GrayImage drawn = Draw(digit, random, paper: 0, ink: 255, noise: 0, (_, _, value) => value);
        for (int i = 0; i < drawn.Pixels.Length; i++)
            image[i % Side, i / Side] = new Rgba32(ink[0], ink[1], ink[2], drawn.Pixels[i]);
        return Grayscale.Of(image);
    }

    private static GrayImage SmallJpeg(byte[] digit, Random random)
    {
        GrayImage photo = Photo(digit, random, (_, _, value) => value, noise: 0);
        using var image = Image.LoadPixelData<L8>(photo.Pixels, Side, Side);
        int side = random.Next(32, 120);
        image.Mutate(picture => picture.Resize(side, side));
        using var file = new MemoryStream();
        image.SaveAsJpeg(file, new JpegEncoder { Quality = random.Next(30, 90) });
        using Image<Rgba32> read = Image.Load<Rgba32>(file.ToArray());
        return Grayscale.Of(read);
    }

    private static GrayImage Framed(byte[] digit, Random random, int margin, int thickness) =>
        Draw(digit, random, paper: 255, ink: 0, noise: 0, (x, y, value) =>
        {
            double toEdge = Math.Min(Math.Min(x, y), Math.Min(Side - 1 - x, Side - 1 - y));
            return toEdge >= margin && toEdge < margin + thickness ? 0 : value;
        });

    private static GrayImage Cell(byte[] digit, Random random)
    {
        double[] lines = [Between(random, 4, 24), Side - Between(random, 4, 24), Between(random, 4, 24), Side - Between(random, 4, 24)];
        double thickness = Between(random, 1, 4);
        double dark = Between(random, 40, 200);
        return Photo(digit, random, (x, y, value) =>
            Math.Min(Math.Min(Math.Abs(x - lines[0]), Math.Abs(x - lines[1])),
                Math.Min(Math.Abs(y - lines[2]), Math.Abs(y - lines[3]))) < thickness / 2 ? value - dark : value);
    }

    private static GrayImage OnDesk(Random random, double desk, Func<Func<double, double, double, double>, GrayImage> draw)
    {
        // The sheet's edges, of which some may be outside of the picture.
        double[] edges = [.. Enumerable.Range(0, 4).Select(_ => random.Next(3) == 0 ? -50 : Between(random, 6, 34))];
        edges[random.Next(4)] = Between(random, 10, 34);
        double slope = Between(random, -0.06, 0.06);
        return draw((x, y, value) =>
        {
            double inside = Math.Min(
                Math.Min(x + slope * (y - Side / 2) - edges[0], Side - edges[1] - x - slope * (y - Side / 2)),
                Math.Min(y - slope * (x - Side / 2) - edges[2], Side - edges[3] - y + slope * (x - Side / 2)));
            double sheet = Math.Clamp(inside + 0.5, 0, 1);
            return desk + sheet * (value - desk);
        });
    }

    private static GrayImage ScanEdge(byte[] digit, Random random)
    {
        int side = random.Next(4);
        double width = Between(random, 2, 14);
        double slope = Between(random, 0, 0.03);
        double dark = Between(random, 0, 100);
        return Photo(digit, random, (x, y, value) =>
        {
            (double depth, double along) = side switch { 0 => (x, y), 1 => (Side - x, y), 2 => (y, x), _ => (Side - y, x) };
            return depth < width + slope * along ? dark : value;
        }, noise: 3);
    }

    private static GrayImage Shadow(byte[] digit, Random random)
    {
        double angle = Between(random, 0, 2 * Math.PI);
        double offset = Between(random, -60, 60);
        double depth = Between(random, 0.55, 0.85);
        double blur = Between(random, 1, 8);
        return Draw(digit, random, Between(random, 205, 240), Between(random, 20, 70), 4, (x, y, value) =>
        {
            double distance = (x - Side / 2) * Math.Cos(angle) + (y - Side / 2) * Math.Sin(angle) - offset;
            return value * (1 - (1 - depth) * Math.Clamp(distance / blur + 0.5, 0, 1));
        }, shadowOnInk: true);
    }

    /// <summary>Lays a digit on paper, at a random size and place.</summary>
    /// <param name="light">What the paper's brightness becomes at a place.</param>
    /// <param name="shadowOnInk">Whether that comes after the ink, as a shadow does, not before, as print does.</param>
    private static GrayImage Draw(
        byte[] digit, Random random, double paper, double ink, double noise, Func<double, double, double, double> light,
        bool thin = false, bool shadowOnInk = false)
    {
        double scale = Between(random, 6, 8.5);
        double left = Between(random, 0.3, 0.7) * (Side - 28 * scale);
        double top = Between(random, 0.3, 0.7) * (Side - 28 * scale);
        var pixels = new byte[Side * Side];
        for (int y = 0; y < Side; y++)
            for (int x = 0; x < Side; x++)
            {
                double strength = Bilinear(digit, (x - left) / scale - 0.5, (y - top) / scale - 0.5);
                double covered = Math.Clamp((strength - (thin ? 0.75 : 0.45)) * 6 + 0.5, 0, 1);
                double value = shadowOnInk
                    ? light(x, y, paper + covered * (ink - paper))
                    : Mix(light(x, y, paper), ink, covered);
                value += noise * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2;
                pixels[y * Side + x] = (byte)Math.Clamp(Math.Round(value), 0, 255);
            }
        return new GrayImage(Side, Side, pixels);
    }

    /// <summary>Cuts a picture to the ink: all that is much darker than the paper.</summary>
    private static GrayImage Crop(GrayImage image)
    {
        int dark = (image.Pixels.Min() + image.Pixels[0]) / 2;
        int[] ink = [.. Enumerable.Range(0, image.Pixels.Length).Where(i => image.Pixels[i] < dark)];
        int left = ink.Min(i => i % Side), right = ink.Max(i => i % Side) + 1;
        int top = ink.Min(i => i / Side), bottom = ink.Max(i => i / Side) + 1;
        byte[] cut = [.. Enumerable.Range(top, bottom - top)
            .SelectMany(y => image.Pixels.Skip(y * Side + left).Take(right - left))];
        return new GrayImage(right - left, bottom - top, cut);
    }

    private static double Bilinear(byte[] digit, double x, double y)
    {
        int left = (int)Math.Floor(x), top = (int)Math.Floor(y);
        double above = Mix(At(left, top), At(left + 1, top), x - left);
        double below = Mix(At(left, top + 1), At(left + 1, top + 1), x - left);
        return Mix(above, below, y - top) / 255;

        double At(int column, int row) =>
            column is >= 0 and < 28 && row is >= 0 and < 28 ? digit[row * 28 + column] : 0;
    }

    private static double Mix(double first, double second, double part) => first + (second - first) * part;

    private static double Between(Random random, double low, double high) => low + random.NextDouble() * (high - low);
}
