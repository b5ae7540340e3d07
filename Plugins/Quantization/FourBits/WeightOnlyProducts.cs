using TransformFramework.Graphs;
using TransformFramework.Quantization.Dynamic;
using TransformFramework.Quantization.Static;
using TransformFramework.Quantization.Static.Rounding;
using TransformFramework.Quantization.Static.Samples;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.FourBits;

/// <summary>Stores the constant matrices of BatchMatMul and Einsum in 8 bits, as <see cref="WeightOnlyQuantization"/> does with the weights of other layers.</summary>
/// <param name="graph">The float graph.</param>
/// <param name="constants">Its constants.</param>
/// <param name="perChannel">One range for each column.</param>
/// <param name="context">The run.</param>
internal sealed class WeightOnlyProducts(Graph graph, ConstantValues constants, bool perChannel, TransformContext context)
{
    /// <summary>True for ops that may be such a product.</summary>
    public static bool IsOne(Node node) => DynamicProduct.IsOne(node) && !WeightedLayer.IsOne(node);

    /// <summary>The products of nodes; small ones and those without a constant matrix stay as they are.</summary>
    public static IReadOnlyList<DynamicProduct> Of(IEnumerable<Node> nodes, ConstantValues constants, TransformContext context)
    {
        var products = new List<DynamicProduct>();
        foreach (Node node in nodes)
        {
            DynamicProduct? product = DynamicProduct.Of(node, constants.Find, out string? reason);
            if (product is { Weights.ElementCount: < WeightOnlyQuantization.FewestElements })
                reason = $"they are only {product.Weights.ElementCount}";
            if (reason is null)
                products.Add(product!);
            else
                context.Explain(node.Name, $"its weights stay float: {reason}");
        }
        return products;
    }

    /// <summary>The graph with the matrices of nodes in 8 bits.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="rounding">Rounds for the data that samples show; null rounds to nearest.</param>
    public Graph Quantize(IEnumerable<Node> nodes, WeightOnlyRounding? rounding)
    {
        var products = Of(nodes, constants, context);
        var rounded = rounding?.Run(products.DistinctBy(product => product.WeightsKey).Where(product => product.Weights.Shape[0] <= ErrorFeedback.MostInputs).Select(product => ProductLayer.Of(product, context))) ?? [];
        var edit = new InPlaceEdit(graph, context);
        var written = new Dictionary<(string, bool, int), string>();
        foreach (DynamicProduct product in products)
        {
            if (!written.TryGetValue(product.WeightsKey, out string? matrix))
                written[product.WeightsKey] = matrix = Write(edit, product, rounded.GetValueOrDefault(product.Node.Name));
            Read(edit, product, matrix);
        }
        return edit.Apply();
    }

    private string Write(InPlaceEdit edit, DynamicProduct product, RoundedLayer? rounded)
    {
        int axis = perChannel ? 1 : -1;
        string name = product.Node.Inputs[WeightedLayer.WeightsInput].Node;
        var quantized = rounded is null ? WeightOnlyQuantization.Quantized(product.Weights, axis) : (Tensor.FromContent(DataType.QInt8, product.Weights.Shape, rounded.Filter.Values.Bytes), rounded.Filter.Ends);
        return WeightOnlyQuantization.Insert(edit, product.Node, name, quantized, axis, context);
    }

    private void Read(InPlaceEdit edit, DynamicProduct product, string matrix)
    {
        Node node = product.Node;
        if (node.Op != "Einsum")
        {
            edit.Change(node, changed => (changed with { Inputs = changed.Inputs.SetItem(WeightedLayer.WeightsInput, matrix) }).With("adj_y", false));
            return;
        }
        TensorShape shape = constants.Find(node.Inputs[WeightedLayer.WeightsInput])!.Shape;
        edit.Redirect(node, WeightedLayer.WeightsInput, shape.Rank == product.Weights.Shape.Rank ? matrix : new FourBitWriter(edit, node).Shaped(matrix, matrix, shape));
    }
}
