using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Dynamic;

/// <summary>Quantizes products whose weights are constant, in the graph and in the bodies of its loops: weights beforehand, data in each run.</summary>
internal static class DynamicQuantization
{
    /// <summary>Products of fewer weights take less time than quantizing their data.</summary>
    private const int FewestElements = 1024;

    /// <summary>The first release that computes what is written.</summary>
    private const string OldestReader = "tf2.12";

    /// <summary>Nodes that may be quantized: products, and loops with such products in their bodies.</summary>
    public static List<Node> Candidates(Graph graph, ConstantValues constants)
    {
        var scopes = new ScopedGraph(graph, []);
        return [.. graph.Nodes.Where(node => DynamicProduct.IsOne(node) ? !constants.IsConstant(node.Name) : LoopProducts.Of(graph, scopes, node, constants) is { Products.IsEmpty: false })];
    }

    /// <summary>The graph with the products of the chosen nodes quantized. Products of few weights stay.</summary>
    public static Graph Quantize(Graph graph, LayerSelection selection, ConstantValues constants, bool perChannel, Saturation saturation, TransformContext context)
    {
        foreach (var (node, decline) in selection.Declined)
            context.Explain(node.Name, $"it stays float: {decline.Reason}");
        var scopes = new ScopedGraph(graph, context.OutputNames);
        var functions = new Dictionary<string, FunctionDefinition>(StringComparer.Ordinal);
        var edit = new InPlaceEdit(graph, context);
        Write(edit, selection.Chosen.Where(DynamicProduct.IsOne).Select(node => ProductOf(node, constants, context)).OfType<DynamicProduct>());
        foreach (Node node in selection.Chosen.Where(node => !DynamicProduct.IsOne(node)))
        {
            LoopProducts loop = LoopProducts.Of(graph, scopes, node, constants)!;
            functions[loop.Body] = loop.Quantized(Write, context, out var unread);
            foreach (int argument in unread)
                Empty(edit, node, argument);
        }
        Graph result = edit.Apply();
        return functions.Count == 0 ? result : scopes.With(result.Nodes, functions);

        void Write(InPlaceEdit edited, IEnumerable<DynamicProduct> products)
        {
            var writer = new DynamicProductWriter(edited, perChannel, saturation);
            foreach (DynamicProduct product in products)
            {
                if (product.Weights.ElementCount < FewestElements)
                {
                    context.Explain(product.Node.Name, $"it stays float: its weights are only {product.Weights.ElementCount}, and quantizing its data would take longer than it does");
                    continue;
                }
                writer.Write(product);
                context.WrittenFor = OldestReader;
                context.Count("products quantized");
            }
        }
    }

    private static DynamicProduct? ProductOf(Node node, ConstantValues constants, TransformContext context)
    {
        DynamicProduct? product = DynamicProduct.Of(node, constants.Find, out string? reason);
        if (product is null)
            context.Explain(node.Name, $"it stays float: {reason}");
        return product;
    }

    /// <summary>Gives a loop a scalar in the place of weights that it does not read any more.</summary>
    private static void Empty(InPlaceEdit edit, Node loop, int argument)
    {
        string unread = edit.FreeName($"{loop.Name}/unread_{argument}");
        edit.InsertBefore(loop, Node.Constant(unread, Tensor.Scalar(0f)));
        edit.Redirect(loop, argument, unread);
        if (loop.Attributes.TryGetValue("output_shapes", out var value) && value is ListValue shapes && argument < shapes.Items.Length)
            edit.Change(loop, node => node.With("output_shapes", ((ListValue)node.Attributes["output_shapes"]) with { Items = ((ListValue)node.Attributes["output_shapes"]).Items.SetItem(argument, TensorShape.Scalar) }));
    }
}
