using System.Globalization;

namespace MnistGpu.Core.Data.Generated;

/// <summary>A point that a pen goes through; x to the right and y downwards, both about 0 to 100.</summary>
/// <param name="X">From left to right.</param>
/// <param name="Y">From top to bottom.</param>
/// <param name="Corner">The line bends sharply here; elsewhere it is smooth.</param>
internal readonly record struct ControlPoint(double X, double Y, bool Corner);

/// <summary>
/// The ways in which people write the ten digits, as pen strokes. A shape is a string: points "x,y" in the order in which
/// the pen passes them, "^" after a point makes it a corner, "|" lifts the pen.
/// </summary>
internal static class StrokeShapes
{
    private static readonly ControlPoint[][][][] s_shapes = Array.ConvertAll(
        (string[][])
        [
            [ // 0
                "56,0 24,13 10,50 22,86 51,100 79,86 90,49 76,13 46,1", // oval
                "58,0 36,16 26,52 32,86 46,100 62,88 74,50 68,14 50,0", // narrow
                "64,4 32,4 8,26 4,62 28,93 62,96 92,72 95,34 72,7 42,4", // wide, its ends overlap
                "70,9 44,1 20,22 13,62 32,95 62,96 84,64 82,28 66,12 46,22", // ends in a hook inside
                "34,8 15,36 17,72 42,98 70,92 88,60 82,22 58,2 38,6 46,22 74,14", // ends in a loop at the top
            ],
            [ // 1
                "50,0 50,50 50,100", // a bare line
                "64,0 50,50 38,100", // a bare line that leans
                "56,0 54,35 50,70 42,100", // bowed
                "32,22 54,0^ 52,50 50,100", // with a flag
                "28,22 52,0^ 52,50 52,98^ | 24,100 52,99 80,98", // with a flag and a foot
            ],
            [ // 2
                "14,24 34,4 64,2 78,22 66,52 38,80 8,99^ 50,97 94,98", // straight base
                "12,22 34,3 64,4 74,28 56,64 28,94 8,90 18,76 46,86 72,98 98,88", // loop at the foot
                "8,28 28,4 58,1 76,20 66,48 38,78 6,96^ 34,88 62,98 96,90", // wavy base
                "10,10 40,3 74,8^ 50,40 26,70 4,98^ 50,95 96,96", // like a z
                "22,34 16,14 44,0 72,12 72,40 44,74 14,98^ 40,94 84,99", // curled head
                "18,16 50,0 78,20 70,58 42,94 16,97 12,76 36,68 64,88 96,92", // large loop at the foot
                "36,8 56,0 70,16 60,50 34,84 4,98^ 46,90 98,88", // small head, long base
            ],
            [ // 3
                "14,14 44,0 74,12 70,34 40,46^ 74,56 86,76 62,97 32,100 8,86", // two bows that meet in a point
                "12,4 46,3 80,2^ 62,22 40,40^ 72,48 86,70 66,96 34,100 8,88", // flat top
                "14,16 40,0 70,8 72,30 50,45 36,47 42,42 66,52 82,72 64,97 34,100 8,84", // loop in the middle
                "18,8 50,0 74,16 66,38 54,47 70,56 80,78 58,98 14,94", // bows that run into each other
                "10,20 30,4 62,4 70,24 46,42 24,45^ 60,48 84,62 78,90 46,101 6,92", // a bar in the middle
                "28,10 58,0 76,12 48,40^ 68,52 68,76 42,96 2,99", // small head, long tail
            ],
            [ // 4
                "22,4 14,34 10,56^ 46,54 90,50 | 70,0 66,50 62,100", // open
                "62,100 66,50 68,0^ 36,34 8,64^ 50,65 94,64", // closed
                "16,6 12,36 24,56 50,56 82,44 | 84,0 74,50 66,100", // a bowl and a line
                "24,0 14,28 18,46 44,48 76,36^ | 84,0 74,44 62,100", // a small bowl high up
                "20,8 16,52^ 50,54 76,52 | 76,4^ 77,50 76,100", // square
                "56,2 30,30 8,58^ 50,60 92,52 | 66,28 58,62 48,100", // crossed low
            ],
            [ // 5
                "88,1 58,2 32,4^ 28,22 24,42^ 54,38 82,58 76,88 44,101 10,88", // in one go
                "30,6 28,26 24,46^ 58,40 82,62 68,94 36,101 8,90 | 29,6 60,3 94,0", // the bar written last
                "90,3 56,3 32,18 38,40 66,54 78,76 54,98 12,96", // like an s
                "84,2 36,2^ 34,22 32,46^ 62,46 80,64 74,90 44,100 14,98", // square shoulder
                "26,10 25,26 22,42^ 50,37 70,56 64,88 34,100 8,92 | 26,10 60,7 100,2", // the bar long and high
                "98,0 70,6 44,10^ 36,28 30,42^ 58,44 66,66 44,92 6,100", // slanting, open belly
            ],
            [ // 6
                "66,0 34,26 14,64 24,94 54,100 78,82 66,58 40,58 16,78", // bent stem
                "54,0 36,34 22,70 34,99 64,95 74,72 58,57 26,76", // straight stem
                "82,6 46,12 16,48 14,84 44,101 80,92 86,64 58,50 22,70", // wide, large belly
                "44,0 26,36 20,74 34,99 58,98 68,82 54,68 36,72 24,86", // slim, small belly
                "34,0 14,36 12,76 38,100 72,94 82,72 62,56 40,66 34,84", // upright stem, the belly rolls inwards
                "40,0 20,44 24,84 48,100 74,86 72,62 50,58 34,80 44,98", // the belly ends below the stem
                "72,2 44,8 22,40 18,80 40,100 70,90 72,64 46,56 24,68", // its top bends over
            ],
            [ // 7
                "10,6 46,5 84,3^ 64,46 44,100", // plain
                "10,6 46,5 84,3^ 64,46 44,100 | 34,54 58,51 84,48", // with a bar
                "12,24 15,4^ 50,5 86,3^ 62,48 50,100", // with a serif
                "8,14 40,6 80,4 80,22 58,56 46,100", // round shoulder
                "8,10 40,12 78,0^ 70,36 64,68 62,100", // upright stem
            ],
            [ // 8
                "76,12 48,0 24,18 44,42 72,66 60,98 26,94 26,64 60,40 80,16 70,6", // written like an s
                "50,46 24,26 48,0 74,22 50,46 18,76 50,101 82,74 50,46", // two circles
                "86,4 54,2 32,20 48,44 66,72 42,100 20,82 42,54 72,26 90,6", // open at the top
                "54,44 30,34 30,8 60,0 76,22 54,44 30,60 22,88 50,101 70,80 56,46", // small head
                "86,8 58,0 28,16 46,42 68,70 40,100 12,80 42,54 76,28 84,6", // slim
                "28,22 58,1 76,20 46,50 24,82 48,100 66,78 46,46 26,20", // begun on the left
                "74,16 46,0 18,20 36,44 62,56 72,84 44,101 18,84 34,58 62,44 76,18", // large head
            ],
            [ // 9
                "78,14 48,1 20,22 32,48 62,44 78,16^ 74,56 70,100", // straight tail
                "78,14 48,1 20,24 34,48 62,44 78,16 78,60 60,92 26,99", // curved tail
                "72,6 40,6 16,32 34,50 64,36 78,8^ 66,54 50,100", // slanting tail
                "62,40 34,42 26,16 52,0 72,18 68,56 60,100", // small round head, one bow
                "70,10 40,1 14,24 24,52 54,50 74,20^ 76,60 74,100", // large round head, upright tail
                "70,4 46,8 16,36 40,50 72,28^ 66,64 56,100", // pointed head
                "80,4 50,4 22,28 38,46 72,30 | 80,4 74,50 66,100", // head and tail apart
            ],
        ],
        digit => Array.ConvertAll(digit, Parse));

    /// <summary>The shapes of a digit; a shape is a list of strokes, and a stroke a list of points.</summary>
    /// <param name="digit">0 to 9.</param>
    public static ControlPoint[][][] Of(int digit) => s_shapes[digit];

    private static ControlPoint[][] Parse(string shape) => Array.ConvertAll(
        shape.Split('|'),
        stroke => Array.ConvertAll(stroke.Split(' ', StringSplitOptions.RemoveEmptyEntries), ParsePoint));

    private static ControlPoint ParsePoint(string point)
    {
        string[] xy = point.TrimEnd('^').Split(',');
        return new ControlPoint(
            int.Parse(xy[0], CultureInfo.InvariantCulture), int.Parse(xy[1], CultureInfo.InvariantCulture),
            point.EndsWith('^'));
    }
}
