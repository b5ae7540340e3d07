using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Training;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Puts 8-bit fake quantizations before the matrix products and convolutions of a training graph, so that training learns to live with the rounding of an 8-bit graph.
/// <code>
/// r = Relu6(x)             r/FakeQuantWithMinMaxVars = FakeQuantWithMinMaxVars(r, r/InputMin, r/InputMax) {num_bits=8}
/// y = MatMul(r, w)    →    w/FakeQuantWithMinMaxVars = FakeQuantWithMinMaxVars(w, w/Min/AssignValue, w/Max/AssignValue) {num_bits=8}
///                          y = MatMul(r/FakeQuantWithMinMaxVars, w/FakeQuantWithMinMaxVars)
/// </code>
/// Relu6, Sigmoid and Tanh, also behind Identity, Reshape, ConcatV2 and pooling, have a known range; elsewhere new variables hold moving averages of the smallest and largest element
/// of each batch. The graph's SaveV2 saves the variables, its restore_all restores them. Nodes get their default attributes and the order of TensorFlow's import; nodes whose names
/// begin with 'gradients' stay. Operands of other types than float, of loops, and from other outputs than the first stay as they are. After training and freezing, remove_ema
/// and quantize_nodes follow.
/// </summary>
[Transform("fake_quantize_training", Summary = "Puts fake quantizations into a training graph.", IsClassic = true, IsLossy = true)]
public sealed class FakeQuantizeTraining : Transform
{
    private const string FakeQuant = "FakeQuantWithMinMaxVars";
    private const int MostUnknown = 2;

    protected override Graph Apply(Graph graph, TransformContext context)
    {
        graph = GraphImport.Apply(graph, context);
        var operands = Operands(graph, context);
        CheckUnknown(operands);
        var added = ImmutableArray.CreateBuilder<Node>();
        foreach (var (source, range) in operands.Select(operand => (operand.Source, operand.Range)).Distinct())
            added.AddRange(Quantized(source, range).Select(node => context.IsVerbatim ? OpDefaults.Complete(node) : StoredDefaults.Complete(node, StoredDefaults.Common)));
        context.Count("operands quantized", operands.Count);
        var redirected = operands.ToLookup(operand => operand.Reader, operand => operand.Input);
        var nodes = graph.Nodes.Select(node => redirected.Contains(node) ? Redirect(node, redirected[node]) : node);
        return TrainingSaver.Add(graph.WithNodes([.. nodes, .. added]), [.. added.Where(node => node.Op == "VariableV2")]);
    }

    private static List<Operand> Operands(Graph graph, TransformContext context)
    {
        var frames = LoopFrames.Of(graph, out _);
        var operands = new List<Operand>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is not ("MatMul" or "Conv2D") || node.Name.StartsWith("gradients", StringComparison.Ordinal))
                continue;
            for (int i = 0; i < node.Inputs.Length; i++)
            {
                NodeInput input = node.Inputs[i];
                if (input.IsControl)
                    continue;
                if (DeclineOf(graph, node, input, frames) is { } reason)
                    context.Explain(node.Name, $"its input '{input}' is not quantized: {reason}");
                else
                    operands.Add(new(node, i, input.Node, OperandRange.Of(graph, input.Node)));
            }
        }
        return operands;
    }

    private static string? DeclineOf(Graph graph, Node reader, NodeInput input, Dictionary<string, string> frames)
    {
        if (reader.TypeAttribute("T") is { } type and not DataType.Float)
            return $"its type is {type.Name()}";
        if (input.Port != 0)
            return "it is not the first output of its node";
        if (frames.GetValueOrDefault(reader.Name, "").Length > 0)
            return "it is read in a loop, where new variables have no place";
        string? taken = Quantized(input.Node, OperandRange.Of(graph, input.Node)).Select(node => node.Name).FirstOrDefault(name => graph.TryFind(name, out _));
        return taken is null ? null : $"the graph has a node '{taken}' already";
    }

    private static void CheckUnknown(List<Operand> operands)
    {
        Operand[] unknown = [.. operands.Where(operand => !operand.Range.IsRecognized)];
        if (unknown.Length <= MostUnknown)
            return;
        string sources = string.Join(", ", unknown.Select(operand => operand.Source).Distinct(StringComparer.Ordinal).Take(MostUnknown + 1));
        throw new TransformException(StatusKind.Unimplemented, $"Found {unknown.Length} unknown input edges, at most {MostUnknown} are taken for inputs of the model: they come from {sources}", unknown[^1].Reader.Name)
        {
            Suggestion = "Known are Const, Variable, Relu, Relu6, Sigmoid and Tanh, also behind Identity, Reshape, ConcatV2 and pooling; fold batch norms and constant additions first.",
        };
    }

    /// <summary>The fake quantization of a node's first output and what it needs.</summary>
    private static IEnumerable<Node> Quantized(string source, OperandRange range)
    {
        NodeInput min = source + "/InputMin";
        NodeInput max = source + "/InputMax";
        if (range.Known is { } known)
        {
            yield return Node.Constant(min.Node, Tensor.Scalar(known.Min));
            yield return Node.Constant(max.Node, Tensor.Scalar(known.Max));
        }
        else
        {
            foreach (Node node in MovingRange.Of(source))
                yield return node;
            (min, max) = MovingRange.Ends(source);
        }
        yield return new Node($"{source}/{FakeQuant}", FakeQuant, source, min, max).With("num_bits", 8);
    }

    private static Node Redirect(Node reader, IEnumerable<int> inputs) =>
        reader with { Inputs = inputs.Aggregate(reader.Inputs, (changed, input) => changed.SetItem(input, $"{reader.Inputs[input].Node}/{FakeQuant}")) };

    private sealed record Operand(Node Reader, int Input, string Source, OperandRange Range);
}
