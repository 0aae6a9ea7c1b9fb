namespace MnistGpu.Gpu;

/// <summary>
/// The shape of a product C = A·B and the distances in floats between neighbours: see
/// <see cref="Kernels.MatrixMultiply"/>.
/// </summary>
/// <param name="Name">The product in symbols, for tables.</param>
/// <param name="Rows">Rows of A and C.</param>
/// <param name="Depth">Columns of A and rows of B.</param>
/// <param name="Columns">Columns of B and C.</param>
/// <param name="ARow">From a row of A to the next.</param>
/// <param name="AStep">From a column of A to the next.</param>
/// <param name="BStep">From a row of B to the next.</param>
/// <param name="BColumn">From a column of B to the next.</param>
internal sealed record MatrixProduct(
    string Name, int Rows, int Depth, int Columns, int ARow, int AStep, int BStep, int BColumn)
{
    /// <summary>The three products of a dense layer with N inputs and M outputs, for B images.</summary>
    public static MatrixProduct[] OfLayer(int images, int inputs, int outputs) =>
    [
        new("X·W", images, inputs, outputs, inputs, 1, outputs, 1),
        new("Xᵀ·δ", inputs, images, outputs, 1, inputs, outputs, 1),
        new("δ·Wᵀ", images, outputs, inputs, outputs, 1, 1, outputs),
    ];
}
