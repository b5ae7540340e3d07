using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Numbers of dimensions of one data format as those of another one.</summary>
[Kernel("DataFormatDimMap")]
internal sealed class DataFormatDimMap : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        string from = call.Node.Text("src_format");
        string to = call.Node.Text("dst_format");
        DataFormats.Check(from, to);
        long[] mapped = [.. Integers.Read(call.Inputs[0]).Select(axis => (long)to.IndexOf(from[Integers.Axis(axis, from.Length)], StringComparison.Ordinal))];
        return [Integers.Write(call.Inputs[0].Type, call.Inputs[0].Shape, mapped)];
    }
}

/// <summary>A vector of one value a dimension, or a matrix of two, in the order of another data format; with only the spatial dimensions these.</summary>
[Kernel("DataFormatVecPermute")]
internal sealed class DataFormatVecPermute : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        string from = call.Node.Text("src_format");
        string to = call.Node.Text("dst_format");
        DataFormats.Check(from, to);
        if (x.Shape.Rank is not (1 or 2) || (x.Shape.Rank == 2 && x.Shape[1] != 2))
            throw Refuse.Invalid($"input must be a vector or 2D tensor of two columns, but got shape {x.Shape}");
        if (x.Shape[0] == from.Length - 2)
            (from, to) = (DataFormats.Spatial(from), DataFormats.Spatial(to));
        if (x.Shape[0] != from.Length)
            throw Refuse.Invalid($"the first dimension of the input must be of size {from.Length}, but it is {x.Shape[0]}");
        int columns = x.Shape.Rank == 2 ? 2 : 1;
        TensorBuilder result = TensorBuilder.Of(x.Type, x.Shape);
        for (int i = 0; i < from.Length; i++)
            result.Copy(x, from.IndexOf(to[i], StringComparison.Ordinal) * columns, i * columns, columns);
        return [result.Build()];
    }
}

/// <summary>Names of data formats: a letter a dimension.</summary>
internal static class DataFormats
{
    public static void Check(string from, string to)
    {
        bool fits = from.Length == to.Length && from.Distinct().Count() == from.Length && from.All(to.Contains);
        if (!fits)
            throw Refuse.Invalid($"Destination and source format must determine a permutation, got {from} and {to}");
    }

    public static string Spatial(string format) => string.Concat(format.Where(letter => letter is not ('N' or 'C')));
}
