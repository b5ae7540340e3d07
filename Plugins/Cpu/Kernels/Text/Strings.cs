using System.Runtime.InteropServices;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>Tensors of strings, element by element.</summary>
internal static class Strings
{
    public static Tensor Map(Tensor input, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> function)
    {
        var results = new ReadOnlyMemory<byte>[input.ElementCount];
        for (int i = 0; i < results.Length; i++)
            results[i] = function(input.Strings[i]);
        return Of(input.Shape, results);
    }

    /// <summary>A function of text: the bytes are UTF-8.</summary>
    public static Tensor MapText(Tensor input, Func<string, string> function) => Map(input, bytes => Bytes(function(Text(bytes))));

    public static Tensor Of(TensorShape shape, ReadOnlyMemory<byte>[] strings) => Tensor.FromStrings(shape, ImmutableCollectionsMarshal.AsImmutableArray(strings));

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The text of a scalar.</summary>
    public static string Scalar(Tensor tensor, string name) =>
        tensor is { Type: DataType.String, Shape.Rank: 0 } ? Text(tensor.Strings[0]) : throw Refuse.Invalid($"{name} must be a string scalar, but is {tensor}");
}
