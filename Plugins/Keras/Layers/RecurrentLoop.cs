using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>How a recurrent layer goes through time.</summary>
internal sealed record RecurrentSettings
{
    /// <summary>True when the output of each step is an answer.</summary>
    public bool ReturnsSequences { get; init; }

    /// <summary>True when the last step comes first.</summary>
    public bool GoesBackwards { get; init; }

    /// <summary>True when the steps are written one by one.</summary>
    public bool Unrolls { get; init; }

    /// <summary>True when the first axis is time.</summary>
    public bool TimeMajor { get; init; }

    /// <summary>True when a hidden step answers zeros, not the answer of the step before.</summary>
    public bool ZeroForHidden { get; init; }
}

/// <summary>Runs a cell over time, as <c>keras.backend.rnn</c> does: a While loop over tensor lists, or unrolled.</summary>
internal static class RecurrentLoop
{
    private const int MostUnrolled = 4096;

    /// <summary>The outputs (all, or the last) and the states after the last step.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="settings">How to go.</param>
    /// <param name="step">The cell.</param>
    /// <param name="x">The input, batch and time first.</param>
    /// <param name="states">States before the first step.</param>
    /// <param name="mask">True where a step counts, batch × time; null for all.</param>
    public static (Symbol Output, ImmutableArray<Symbol> States) Run(GraphBuilder graph, RecurrentSettings settings, CellStep step, Symbol x, ImmutableArray<Symbol> states, Symbol? mask)
    {
        Symbol steps = settings.TimeMajor ? x : SwapTime(graph, x, "transpose");
        Symbol? visible = mask is null ? null : settings.TimeMajor ? mask : SwapTime(graph, mask, "transpose_1");
        if (settings.GoesBackwards)
        {
            steps = graph.ReverseAxes(steps, 0);
            visible = visible is null ? null : graph.ReverseAxes(visible, 0);
        }
        (Symbol output, ImmutableArray<Symbol> last) = settings.Unrolls && steps.Shape[0] is > 0 and <= MostUnrolled
            ? Unroll(graph, settings, step, steps, states, visible)
            : Loop(graph, settings, step, steps, states, visible);
        return (settings.ReturnsSequences && !settings.TimeMajor ? SwapTime(graph, output, "transpose_2") : output, last);
    }

    /// <summary>Batch and time exchanged.</summary>
    private static Symbol SwapTime(GraphBuilder graph, Symbol x, string name) => graph.Transpose(x, [1, 0, .. Enumerable.Range(2, x.Rank - 2)], name);

    private static (Symbol Output, ImmutableArray<Symbol> States) Unroll(GraphBuilder graph, RecurrentSettings settings, CellStep step, Symbol steps, ImmutableArray<Symbol> states, Symbol? mask)
    {
        ImmutableArray<Symbol> inputs = graph.Unstack(steps, 0);
        ImmutableArray<Symbol> visible = mask is null ? [] : graph.Unstack(mask, 0, "unstack_1");
        var outputs = ImmutableArray.CreateBuilder<Symbol>();
        Symbol? previous = null;
        for (int i = 0; i < inputs.Length; i++)
        {
            (Symbol output, ImmutableArray<Symbol> next) = step(graph, inputs[i], states);
            if (!visible.IsEmpty)
            {
                Symbol zeros = graph.Like("ZerosLike", output, "zeros_like");
                output = Choose(graph, visible[i], output, settings.ZeroForHidden ? zeros : previous ?? zeros);
                next = [.. next.Select((state, k) => Choose(graph, visible[i], state, states[k]))];
            }
            states = next;
            previous = output;
            outputs.Add(output);
        }
        return (settings.ReturnsSequences ? graph.Stack(outputs.ToImmutable(), 0) : outputs[^1], states);
    }

    private static (Symbol Output, ImmutableArray<Symbol> States) Loop(GraphBuilder graph, RecurrentSettings settings, CellStep step, Symbol steps, ImmutableArray<Symbol> states, Symbol? mask)
    {
        TensorShape element = steps.Shape.Remove(0);
        Dimension count = graph.DimensionOf(steps, 0);
        Symbol limit = count.Value ?? graph.Int("strided_slice", count.Size);
        Symbol inputs = graph.ListOf(steps);
        Symbol? visible = mask is null ? null : graph.ListOf(mask, "TensorArrayUnstack_1/TensorListFromTensor");
        (TensorShape outputShape, DataType outputType) = OutputOf(graph, step, steps, states);
        Symbol zeros = Zeros(graph, graph.DimensionOf(steps, 1), outputShape, outputType);
        ImmutableArray<Symbol> initial = [graph.Int("time", 0), zeros, .. states];
        if (settings.ReturnsSequences)
            initial = [.. initial, graph.Reserve(outputShape, outputType, count.Value is null ? count : new(-1, limit))];
        ImmutableArray<Symbol> results = graph.While(initial, (body, variables) => body.Compare("Less", variables[0], limit), Body);
        ImmutableArray<Symbol> last = results.Slice(2, states.Length);
        return (settings.ReturnsSequences ? graph.StackList(results[^1], outputShape, outputType, count.Value is null ? count.Size : -1) : results[1], last);

        ImmutableArray<Symbol> Body(GraphBuilder body, ImmutableArray<Symbol> variables)
        {
            Symbol time = variables[0];
            ImmutableArray<Symbol> before = variables.Slice(2, states.Length);
            (Symbol output, ImmutableArray<Symbol> next) = step(body, body.GetItem(inputs, time, element, steps.Type), before);
            if (visible is not null)
            {
                Symbol counts = body.GetItem(visible, time, mask!.Shape.Remove(0), DataType.Bool, "TensorArrayV2Read_1/TensorListGetItem");
                output = Choose(body, counts, output, settings.ZeroForHidden ? zeros : variables[1]);
                next = [.. next.Select((state, i) => Choose(body, counts, state, before[i]))];
            }
            ImmutableArray<Symbol> after = [body.Add(time, 1), output, .. next];
            return settings.ReturnsSequences ? [.. after, body.SetItem(variables[^1], time, output)] : after;
        }
    }

    /// <summary>Shape and type of a step's output, found by writing the step into a graph that is thrown away.</summary>
    private static (TensorShape Shape, DataType Type) OutputOf(GraphBuilder graph, CellStep step, Symbol steps, ImmutableArray<Symbol> states)
    {
        GraphBuilder trial = graph.OpenBody();
        Symbol output = step(trial, trial.Argument("x", steps.Type, steps.Shape.Remove(0)), states).Output;
        return (output.Shape, output.Type);
    }

    /// <summary>Zeros of a shape of which the first dimension is the batch.</summary>
    public static Symbol Zeros(GraphBuilder graph, Dimension batch, TensorShape shape, DataType type)
    {
        ImmutableArray<Dimension> dimensions = [batch, .. shape.Dimensions[1..].Select(size => size >= 0 ? new Dimension(size) : throw KerasException.Configuration($"the size of its states {shape} is not known"))];
        return graph.Fill(graph.Pack("zeros/packed", dimensions), graph.Scalar("zeros/Const", type, 0), ShapeOps.Known(dimensions));
    }

    private static Symbol Choose(GraphBuilder graph, Symbol visible, Symbol value, Symbol other)
    {
        for (int i = visible.Rank; i < value.Rank; i++)
            visible = graph.ExpandDims(visible, -1);
        return graph.Select(visible, value, other);
    }
}
