namespace MnistGpu.Core.Network;

/// <summary>One of a network's four arrays: <see cref="NetworkParameters.Arrays"/>.</summary>
/// <param name="Name">"W1", "b1", "W2" or "b2", as files and tables call it.</param>
/// <param name="Shape">Rows and columns of a matrix, or the length of a vector.</param>
/// <param name="Values">The network's own memory, row by row.</param>
public readonly record struct NetworkArray(string Name, int[] Shape, float[] Values)
{
    /// <summary>The largest difference between an element here and the same element of another network's array.</summary>
    /// <param name="other">The array of the same name, of a network with as many hidden units.</param>
    public double LargestDifference(NetworkArray other)
    {
        double largest = 0;
        for (int i = 0; i < Values.Length; i++)
            largest = Math.Max(largest, Math.Abs((double)Values[i] - other.Values[i]));
        return largest;
    }
}
