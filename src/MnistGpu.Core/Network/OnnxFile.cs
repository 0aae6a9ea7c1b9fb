using System.Runtime.InteropServices;
using MnistGpu.Core.Files;

namespace MnistGpu.Core.Network;

/// <summary>
/// A network as an ONNX model: <c>pixels</c>, float32 (N, 784) from 0 to 1, gives <c>scores</c>, float32 (N, 10). The
/// field numbers are those of the format's onnx.proto.
/// </summary>
internal static class OnnxFile
{
    public const string Input = "pixels";
    public const string Output = "scores";

    // Low, so that older programs read it too: ONNX 1.10, of 2021, has both.
    private const int IrVersion = 8;
    private const int Opset = 13;
    private const int Float = 1;

    public static void Write(Stream stream, NetworkParameters parameters)
    {
        var model = new ProtobufWriter();
        model.Write(1, IrVersion);
        model.Write(2, "MnistGpu");
        model.Write(7, graph =>
        {
            Node("Gemm", [Input, "W1", "b1"], "hidden sums");
            Node("Sigmoid", ["hidden sums"], "hidden");
            Node("Gemm", ["hidden", "W2", "b2"], "output sums");
            Node("Sigmoid", ["output sums"], Output);
            graph.Write(2, "mnist");
            foreach (NetworkArray array in parameters.Arrays)
                graph.Write(5, initializer => Initializer(initializer, array));
            graph.Write(11, value => Value(value, Input, NetworkParameters.Inputs));
            graph.Write(12, value => Value(value, Output, NetworkParameters.Outputs));

            void Node(string operation, string[] inputs, string output) => graph.Write(1, node =>
            {
                foreach (string input in inputs)
                    node.Write(1, input);
                node.Write(2, output);
                node.Write(4, operation);
            });
        });
        model.Write(8, opset => opset.Write(2, Opset));
        model.CopyTo(stream);
    }

    private static void Initializer(ProtobufWriter tensor, NetworkArray array)
    {
        foreach (int extent in array.Shape)
            tensor.Write(1, extent);
        tensor.Write(2, Float);
        tensor.Write(8, array.Name);
        tensor.Write(9, MemoryMarshal.AsBytes(array.Values.AsSpan()));
    }

    /// <summary>A matrix with any number of rows.</summary>
    private static void Value(ProtobufWriter value, string name, int columns)
    {
        value.Write(1, name);
        value.Write(2, type => type.Write(1, tensor =>
        {
            tensor.Write(1, Float);
            tensor.Write(2, shape =>
            {
                shape.Write(1, rows => rows.Write(2, "N"));
                shape.Write(1, extent => extent.Write(1, columns));
            });
        }));
    }
}
