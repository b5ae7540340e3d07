using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Dynamic;

/// <summary>
/// Products in the body of a While whose weights are constant: constants of the body, or arguments that no iteration changes and that the graph gives a constant. Quantized weights become constants of the body,
/// and the loop gets an empty tensor in the place of float weights that nothing reads any more.
/// </summary>
internal sealed class LoopProducts
{
    /// <summary>Op that stands for the body's results while it is changed, so that what they name stays.</summary>
    private const string ResultsOp = "_Results";

    private readonly ScopedGraph scopes;
    private readonly Node loop;
    private readonly GraphScope body;
    private readonly Dictionary<int, Tensor> invariants = [];

    private LoopProducts(ScopedGraph scopes, Node loop, GraphScope body, ConstantValues constants)
    {
        this.scopes = scopes;
        this.loop = loop;
        this.body = body;
        for (int i = 0; i < body.Results.Length; i++)
        {
            if (ArgumentOf(body.Results[i]) == i && constants.Find(loop.Inputs[i]) is { } value)
                invariants[i] = value;
        }
        Products = [.. body.Nodes.Where(DynamicProduct.IsOne).Select(node => DynamicProduct.Of(node, ConstantOf, out _)).OfType<DynamicProduct>()];
    }

    /// <summary>The products.</summary>
    public ImmutableArray<DynamicProduct> Products { get; }

    /// <summary>Name of the body's function.</summary>
    public string Body => body.Name;

    /// <summary>The products of a loop; null for another node, and where several nodes share the body.</summary>
    public static LoopProducts? Of(Graph graph, ScopedGraph scopes, Node node, ConstantValues constants)
    {
        if (node.Op is not ("While" or "StatelessWhile") || !node.TryFunction("body", out var called) || scopes.Find(called.Name) is not { } body)
            return null;
        bool isShared = graph.Nodes.Concat(graph.Functions.Functions.SelectMany(function => function.Nodes)).Count(other => CallSite.Mentioned(other).Contains(called.Name) || other.Op == called.Name) != 1;
        return isShared || body.Results.Length != node.DataInputs.Count() ? null : new(scopes, node, body, constants);
    }

    /// <summary>The body with quantized products.</summary>
    /// <param name="write">Writes products, given the edit and them.</param>
    /// <param name="context">The run.</param>
    /// <param name="unread">Receives the numbers of arguments that nothing reads any more.</param>
    public FunctionDefinition Quantized(Action<InPlaceEdit, IEnumerable<DynamicProduct>> write, TransformContext context, out ImmutableArray<int> unread)
    {
        Node[] arguments = [.. body.Nodes.Where(node => GraphScope.ArgumentOf(node) >= 0)];
        var results = new Node("_results", ResultsOp, [.. arguments.Select(argument => new NodeInput(argument.Name)), .. body.Results, .. body.ControlResults.Select(NodeInput.Control)], AttributeMap.Empty);
        var edit = new InPlaceEdit(new Graph([.. body.Nodes, results]), context);
        write(edit, Products);
        Graph changed = edit.Apply();
        unread = [.. invariants.Keys.Where(i => IsUnread(changed, i) && IsUnreadByCondition(i)).Order()];
        FunctionDefinition original = scopes.Functions.Find(body.Name)!;
        GraphScope scope = body with { Nodes = [.. changed.Nodes.Where(node => node.Op != ResultsOp)] };
        return scope.ToFunction(original, [.. original.Signature.Outputs.Select(output => output.Type)], scopes.Functions);
    }

    private static bool IsUnread(Graph changed, int argument)
    {
        Node node = changed.Nodes.Single(node => GraphScope.ArgumentOf(node) == argument);
        return changed.ConsumersOf(node).All(consumer => consumer.Node.Op == ResultsOp || (consumer.Node.Op == "Identity" && changed.ConsumersOf(consumer.Node).All(reader => reader.Node.Op == ResultsOp)));
    }

    private bool IsUnreadByCondition(int argument) =>
        loop.TryFunction("cond", out var called) && scopes.Find(called.Name) is { } condition
        && condition.Nodes.FirstOrDefault(node => GraphScope.ArgumentOf(node) == argument) is { } node
        && !condition.Nodes.Any(reader => reader.Inputs.Any(input => input.Node == node.Name)) && condition.Results.All(result => result.Node != node.Name);

    private Tensor? ConstantOf(NodeInput input)
    {
        int argument = ArgumentOf(input);
        if (argument >= 0)
            return invariants.GetValueOrDefault(argument);
        return body.Find(input.Node) is { Op: "Const" } node && node.TensorAttribute("value") is { IsDecodable: true } value ? value : null;
    }

    /// <summary>The argument that a tensor of the body is, be it through Identity nodes; -1 for another tensor.</summary>
    private int ArgumentOf(NodeInput input)
    {
        Node? node = body.Find(input.Node);
        while (node is { Op: "Identity" })
            node = body.Find(node.Inputs[0].Node);
        return node is null || input.IsControl ? -1 : GraphScope.ArgumentOf(node);
    }
}
