using System.Text;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>Length in bytes or in UTF-8 characters.</summary>
[Kernel("StringLength")]
internal sealed class StringLength : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        bool countsCharacters = call.Node.Attributes.ContainsKey("unit") && call.Node.Text("unit") == "UTF8_CHAR";
        long[] lengths = [.. input.Strings.Select(text => (long)(countsCharacters ? Characters.Starts(text.Span).Count : text.Length))];
        return [Integers.Write(DataType.Int32, input.Shape, lengths)];
    }
}

/// <summary>Parts of strings by position and length; negative positions count from the end.</summary>
[Kernel("Substr")]
internal sealed class Substring : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        long[] positions = Integers.Read(call.Inputs[1]);
        long[] lengths = Integers.Read(call.Inputs[2]);
        if (!call.Inputs[1].Shape.Equals(call.Inputs[2].Shape))
            throw Refuse.Invalid($"pos and len should have the same shape, got: {call.Inputs[1].Shape} vs. {call.Inputs[2].Shape}");
        bool countsCharacters = call.Node.Attributes.ContainsKey("unit") && call.Node.Text("unit") == "UTF8_CHAR";
        var broadcast = Broadcast.Of(input.Shape, call.Inputs[1].Shape);
        var parts = new ReadOnlyMemory<byte>[broadcast.Shape.ElementCount];
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < parts.Length; i++, pair.Next())
            parts[i] = Cut(input.Strings[pair.Left], positions[pair.Right], lengths[pair.Right], countsCharacters, i);
        return [Strings.Of(broadcast.Shape, parts)];
    }

    private static ReadOnlyMemory<byte> Cut(ReadOnlyMemory<byte> text, long position, long length, bool countsCharacters, int index)
    {
        List<int>? starts = countsCharacters ? Characters.Starts(text.Span) : null;
        int size = starts?.Count ?? text.Length;
        long from = position < 0 ? position + size : position;
        if (from < 0 || from > size)
            throw Refuse.Invalid($"pos {position} out of range for string b'{Encoding.UTF8.GetString(text.Span)}' at index {index}");
        long to = Math.Clamp(from + length, from, size);
        return starts is null ? text[(int)from..(int)to] : text[Start(starts, from, text)..Start(starts, to, text)];
    }

    private static int Start(List<int> starts, long character, ReadOnlyMemory<byte> text) => character < starts.Count ? starts[(int)character] : text.Length;
}

internal static class Characters
{
    /// <summary>Where the UTF-8 characters begin.</summary>
    public static List<int> Starts(ReadOnlySpan<byte> text)
    {
        var starts = new List<int>();
        for (int i = 0; i < text.Length; i++)
        {
            if ((text[i] & 0xc0) != 0x80)
                starts.Add(i);
        }
        return starts;
    }
}
