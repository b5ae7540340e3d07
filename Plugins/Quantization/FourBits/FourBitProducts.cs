using TransformFramework.Graphs;
using TransformFramework.Quantization.Dynamic;
using TransformFramework.Quantization.Static;
using TransformFramework.Quantization.Static.Samples;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.FourBits;

/// <summary>Stores the constant matrices of products in 4 bits, by groups of inputs with a scale each; the graph computes in float.</summary>
/// <param name="graph">The float graph.</param>
/// <param name="constants">Its constants.</param>
/// <param name="group">Inputs of a group.</param>
/// <param name="context">The run.</param>
internal sealed class FourBitProducts(Graph graph, ConstantValues constants, int group, TransformContext context)
{
    /// <summary>True for a node whose matrix may be stored so.</summary>
    public static bool IsOne(Node node) => DynamicProduct.IsOne(node);

    /// <summary>The products of nodes; small ones and those without a constant matrix stay as they are.</summary>
    public IReadOnlyList<DynamicProduct> Of(IEnumerable<Node> nodes) => WeightOnlyProducts.Of(nodes, constants, context);

    /// <summary>The graph with the products' matrices in 4 bits.</summary>
    /// <param name="products">The products.</param>
    /// <param name="rounding">Rounds for the data that samples show; null rounds to nearest.</param>
    public Graph Quantize(IReadOnlyList<DynamicProduct> products, WeightOnlyRounding? rounding)
    {
        var edit = new InPlaceEdit(graph, context);
        var written = new Dictionary<(string, bool, int), string>();
        var rounded = rounding is null ? [] : FourBitRounding.Run(rounding, products, group, context);
        foreach (DynamicProduct product in products)
        {
            Node node = product.Node;
            NodeInput source = node.Inputs[WeightedLayer.WeightsInput];
            var writer = new FourBitWriter(edit, node);
            if (!written.TryGetValue(product.WeightsKey, out string? rows))
                written[product.WeightsKey] = rows = writer.Write(source.Node, rounded.GetValueOrDefault(product.WeightsKey) ?? Nearest(product));
            Read(edit, writer, product, rows);
            context.Count("weights quantized to 4 bits");
        }
        return edit.Apply();
    }

    private GroupedWeights Nearest(DynamicProduct product)
    {
        double[] importance = new double[product.Weights.Shape[0]];
        Array.Fill(importance, 1);
        return GroupedWeights.Of(product.Weights, group, importance);
    }

    private void Read(InPlaceEdit edit, FourBitWriter writer, DynamicProduct product, string rows)
    {
        Node node = product.Node;
        string? transposes = node.Op switch { "MatMul" => "transpose_b", "Einsum" => null, _ => "adj_y" };
        if (transposes is not null)
        {
            edit.Change(node, changed => (changed with { Inputs = changed.Inputs.SetItem(WeightedLayer.WeightsInput, rows) }).With(transposes, true));
            return;
        }
        NodeInput source = node.Inputs[WeightedLayer.WeightsInput];
        edit.Redirect(node, WeightedLayer.WeightsInput, writer.Turned(source.Node, rows, constants.Find(source)!.Shape));
    }
}
