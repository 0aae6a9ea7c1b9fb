namespace MnistGpu.Core.Data.Generated;

/// <summary>A point on the axis of a written line.</summary>
/// <param name="X">From left to right.</param>
/// <param name="Y">From top to bottom.</param>
/// <param name="Pressure">How broad the line is here, as a factor of the pen's width.</param>
/// <param name="PenDown">Whether a line leads here from the point before.</param>
internal readonly record struct PenPoint(double X, double Y, double Pressure, bool PenDown);
