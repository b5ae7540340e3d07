using TransformFramework.Graphs;
using TransformFramework.Quantization.Dynamic;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.FourBits;

/// <summary>A product of any op as a layer that reads rows: a MatMul of the same data and the matrix.</summary>
internal static class ProductLayer
{
    /// <summary>The layer of a product.</summary>
    public static FusedLayer Of(DynamicProduct product, TransformContext context)
    {
        Node matrix = Node.Constant(product.Node.Name + "/matrix", product.Weights);
        Node row = new Node(product.Node.Name, "MatMul", product.Node.Inputs[0], matrix.Name).With("T", DataType.Float);
        WeightedLayer op = WeightedLayer.Of(row, new ConstantValues(new Graph([matrix]), context), out _)!;
        return new(op, [.. new float[op.OutputChannels]], [row]);
    }
}
