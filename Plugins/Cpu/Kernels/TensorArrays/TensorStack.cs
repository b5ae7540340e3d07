using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.TensorArrays;

/// <summary>Tensors of one shape as the rows of one tensor, and back.</summary>
internal static class TensorStack
{
    public static Tensor Of(IReadOnlyList<Tensor> rows)
    {
        TensorShape shape = TensorShape.Of(rows[0].Shape.Dimensions.Insert(0, rows.Count));
        TensorBuilder result = TensorBuilder.Of(rows[0].Type, shape);
        int run = (int)rows[0].ElementCount;
        for (int i = 0; i < rows.Count && run > 0; i++)
            result.Copy(rows[i], 0, i * run, run);
        return result.Build();
    }

    /// <summary>The rows; those of numbers are views, not copies.</summary>
    public static Tensor[] Rows(Tensor tensor)
    {
        TensorShape shape = tensor.Shape.WithoutAxis(0);
        int run = (int)shape.ElementCount;
        var rows = new Tensor[tensor.Shape[0]];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = tensor.Type == DataType.String
                ? Tensor.FromStrings(shape, tensor.Strings.Slice(i * run, run))
                : Tensor.FromContent(tensor.Type, shape, tensor.Bytes.Slice(i * run * tensor.Type.Size(), run * tensor.Type.Size()));
        }
        return rows;
    }
}
