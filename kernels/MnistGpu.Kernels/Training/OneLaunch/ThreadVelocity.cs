using ILGPU;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// The velocities of the parameters that a thread moves, which no other thread needs: weights of one pixel, or of one output
/// and its bias, or b1.
/// </summary>
internal struct ThreadVelocity(Float4 weights, float bias)
{
    public Float4 Weights = weights;
    public float Bias = bias;

    public static ThreadVelocity Load(Network velocity)
    {
        int vectorsPerRow = velocity.Hidden / 4;
        int row = ColumnUpdate.RowOfThread;
        if (Group.IdxX < Mnist.Inputs)
            return new ThreadVelocity(Float4.Of(velocity.W1)[Group.IdxX * vectorsPerRow + Grid.IdxX], 0);
        if (row == Mnist.Outputs)
            return new ThreadVelocity(Float4.Of(velocity.B1)[Grid.IdxX], 0);
        return row >= 0
            ? new ThreadVelocity(Float4.Of(velocity.W2T)[row * vectorsPerRow + Grid.IdxX], velocity.B2[row])
            : default;
    }

    public readonly void Store(Network velocity)
    {
        int vectorsPerRow = velocity.Hidden / 4;
        int row = ColumnUpdate.RowOfThread;
        if (Group.IdxX < Mnist.Inputs)
            Float4.Of(velocity.W1)[Group.IdxX * vectorsPerRow + Grid.IdxX] = Weights;
        else if (row == Mnist.Outputs)
            Float4.Of(velocity.B1)[Grid.IdxX] = Weights;
        else if (row >= 0)
        {
            Float4.Of(velocity.W2T)[row * vectorsPerRow + Grid.IdxX] = Weights;
            if (Grid.IdxX == 0)
                velocity.B2[row] = Bias;
        }
    }
}
