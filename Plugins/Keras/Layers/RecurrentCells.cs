using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>One step of a cell.</summary>
/// <param name="graph">The graph or loop body to write in.</param>
/// <param name="x">The input of the step.</param>
/// <param name="states">The states before it.</param>
/// <returns>The output and the states after it.</returns>
internal delegate (Symbol Output, ImmutableArray<Symbol> States) CellStep(GraphBuilder graph, Symbol x, ImmutableArray<Symbol> states);

/// <summary>What a recurrent layer does at each step.</summary>
internal abstract class RecurrentCell(LayerSource source) : Layer(source)
{
    /// <summary>Reads the weights.</summary>
    /// <param name="call">The call of the cell or of the layer around it.</param>
    /// <param name="x">Type and shape of the input of a step.</param>
    public abstract CellStep Prepare(LayerCall call, Symbol x);

    /// <summary>Shapes of the states behind the batch axis.</summary>
    public abstract ImmutableArray<ImmutableArray<long>> StateShapes(Symbol x);

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        Symbol x = call.Input;
        ImmutableArray<Symbol> states = call.Arguments.Named.TryGetValue("states", out Argument? named) ? [.. named.Tensors()] : call.Inputs[1..];
        if (states.Length != StateShapes(x).Length)
            throw KerasException.Configuration($"it is called with {states.Length} states");
        (Symbol output, ImmutableArray<Symbol> next) = Prepare(call, x)(call.Graph, x, states);
        return [output, .. next];
    }
}

/// <summary>A cell of units with dense weights.</summary>
internal abstract class DenseCell : RecurrentCell
{
    private readonly int gates;
    private readonly Variable kernel;
    private readonly Variable recurrent;
    private readonly Variable? bias;

    protected DenseCell(LayerSource source, int gates, bool doubleBias, string recurrentActivation)
        : base(source)
    {
        this.gates = gates;
        DoubleBias = doubleBias;
        Units = Configuration.Count("units");
        Activation = ActivationOf("activation", "tanh");
        RecurrentActivation = ActivationOf("recurrent_activation", recurrentActivation);
        kernel = Weight("kernel");
        recurrent = Weight("recurrent_kernel");
        bias = WeightIf(Configuration.Flag("use_bias", true), "bias");
    }

    protected long Units { get; }

    protected bool DoubleBias { get; }

    protected Activation Activation { get; }

    protected Activation RecurrentActivation { get; }

    public override CellStep Prepare(LayerCall call, Symbol x)
    {
        long size = gates * Units;
        Symbol weights = call.Read(kernel, "Read/ReadVariableOp", x.KnownDimension(-1), size);
        Symbol states = call.Read(recurrent, "Read_1/ReadVariableOp", Units, size);
        Symbol? offset = bias is null ? null : DoubleBias ? call.Read(bias, "Read_2/ReadVariableOp", 2, size) : call.Read(bias, "Read_2/ReadVariableOp", size);
        return Prepare(call.Graph, weights, states, offset);
    }

    protected abstract CellStep Prepare(GraphBuilder graph, Symbol kernel, Symbol recurrent, Symbol? bias);

    /// <summary>A product with a bias where there is one.</summary>
    protected static Symbol Affine(GraphBuilder graph, Symbol x, Symbol weights, Symbol? bias)
    {
        Symbol y = graph.MatMul(x, weights);
        return bias is null ? y : graph.BiasAdd(y, bias);
    }
}

/// <summary>act(x·W + h·U + b).</summary>
[KerasLayer("SimpleRNNCell")]
internal sealed class SimpleRnnCell(LayerSource source) : DenseCell(source, 1, doubleBias: false, "linear")
{
    public override ImmutableArray<ImmutableArray<long>> StateShapes(Symbol x) => [[Units]];

    protected override CellStep Prepare(GraphBuilder graph, Symbol kernel, Symbol recurrent, Symbol? bias) => (body, x, states) =>
    {
        Symbol y = Activation.Apply(body, body.Add(Affine(body, x, kernel, bias), body.MatMul(states[0], recurrent)));
        return (y, [y]);
    };
}

/// <summary>Long short-term memory; gates in the order input, forget, cell, output.</summary>
[KerasLayer("LSTMCell")]
internal sealed class LstmCell(LayerSource source) : DenseCell(source, 4, doubleBias: false, source.Model.Generation == 1 ? "hard_sigmoid" : "sigmoid")
{
    public override ImmutableArray<ImmutableArray<long>> StateShapes(Symbol x) => [[Units], [Units]];

    protected override CellStep Prepare(GraphBuilder graph, Symbol kernel, Symbol recurrent, Symbol? bias) => (body, x, states) =>
    {
        Symbol z = body.Add(body.MatMul(x, kernel), body.MatMul(states[0], recurrent));
        if (bias is not null)
            z = body.BiasAdd(z, bias);
        return Gate(body, body.Split(z, 4, 1), states[1], Activation, RecurrentActivation);
    };

    /// <summary>The states from the four gates' sums.</summary>
    public static (Symbol Output, ImmutableArray<Symbol> States) Gate(GraphBuilder body, ImmutableArray<Symbol> z, Symbol cell, Activation activation, Activation recurrent)
    {
        Symbol input = recurrent.Apply(body, z[0]);
        Symbol forget = recurrent.Apply(body, z[1]);
        Symbol next = body.Add(body.Multiply(forget, cell), body.Multiply(input, activation.Apply(body, z[2])));
        Symbol output = body.Multiply(recurrent.Apply(body, z[3]), activation.Apply(body, next));
        return (output, [output, next]);
    }
}

/// <summary>Gated recurrent unit; gates in the order update, reset, candidate. The reset goes before or after the recurrent product.</summary>
[KerasLayer("GRUCell")]
internal sealed class GruCell(LayerSource source) : DenseCell(source, 3, ResetsAfter(source), source.Model.Generation == 1 ? "hard_sigmoid" : "sigmoid")
{
    public override ImmutableArray<ImmutableArray<long>> StateShapes(Symbol x) => [[Units]];

    protected override CellStep Prepare(GraphBuilder graph, Symbol kernel, Symbol recurrent, Symbol? bias)
    {
        if (DoubleBias)
        {
            var biases = bias is null ? [] : graph.Unstack(bias, 0);
            return (body, x, states) => After(body, Affine(body, x, kernel, biases.IsEmpty ? null : biases[0]), Affine(body, states[0], recurrent, biases.IsEmpty ? null : biases[1]), states[0]);
        }
        Symbol gates = graph.SliceAxis(recurrent, 1, 0, 2 * Units);
        Symbol candidate = graph.SliceAxis(recurrent, 1, 2 * Units, null);
        return (body, x, states) => Before(body, Affine(body, x, kernel, bias), gates, candidate, states[0]);
    }

    private static bool ResetsAfter(LayerSource source) => source.Configuration.Flag("reset_after", source.Model.Generation > 1);

    private (Symbol Output, ImmutableArray<Symbol> States) After(GraphBuilder body, Symbol x, Symbol h, Symbol state)
    {
        var fromInput = body.Split(x, 3, 1);
        var fromState = body.Split(h, 3, 1, "split_1");
        Symbol update = RecurrentActivation.Apply(body, body.Add(fromInput[0], fromState[0]));
        Symbol reset = RecurrentActivation.Apply(body, body.Add(fromInput[1], fromState[1]));
        Symbol candidate = Activation.Apply(body, body.Add(fromInput[2], body.Multiply(reset, fromState[2])));
        return Mix(body, update, candidate, state);
    }

    private (Symbol Output, ImmutableArray<Symbol> States) Before(GraphBuilder body, Symbol x, Symbol gates, Symbol candidateWeights, Symbol state)
    {
        var fromInput = body.Split(x, 3, 1);
        var fromState = body.Split(body.MatMul(state, gates), 2, 1, "split_1");
        Symbol update = RecurrentActivation.Apply(body, body.Add(fromInput[0], fromState[0]));
        Symbol reset = RecurrentActivation.Apply(body, body.Add(fromInput[1], fromState[1]));
        Symbol candidate = Activation.Apply(body, body.Add(fromInput[2], body.MatMul(body.Multiply(reset, state), candidateWeights)));
        return Mix(body, update, candidate, state);
    }

    private static (Symbol Output, ImmutableArray<Symbol> States) Mix(GraphBuilder body, Symbol update, Symbol candidate, Symbol state)
    {
        Symbol y = body.Add(body.Multiply(update, state), body.Multiply(body.SubtractFrom(1, update), candidate));
        return (y, [y]);
    }
}

/// <summary>Cells one after the other in each step.</summary>
[KerasLayer("StackedRNNCells")]
internal sealed class StackedCells : RecurrentCell
{
    private readonly ImmutableArray<RecurrentCell> cells;

    public StackedCells(LayerSource source)
        : base(source)
    {
        cells = [.. Configuration.List("cells").Select(serialized => Child("cells", serialized) as RecurrentCell ?? throw Unsupported("a cell that is none of Keras'"))];
        if (cells.IsEmpty)
            throw KerasException.Configuration($"{Configuration.Owner}: cells is empty");
    }

    public override CellStep Prepare(LayerCall call, Symbol x)
    {
        var steps = ImmutableArray.CreateBuilder<(CellStep Step, int States)>();
        Symbol input = x;
        foreach (RecurrentCell cell in cells)
        {
            using (call.Graph.Open(NodeName.Of(cell.Name)))
                steps.Add((cell.Prepare(call with { Layer = cell }, input), cell.StateShapes(input).Length));
            input = input with { Shape = TensorShape.Of(input.Shape[0], OutputSize(cell, input)) };
        }
        var all = steps.ToImmutable();
        return (body, value, states) =>
        {
            var next = ImmutableArray.CreateBuilder<Symbol>();
            int at = 0;
            foreach (var (step, count) in all)
            {
                (value, ImmutableArray<Symbol> after) = step(body, value, states.Slice(at, count));
                next.AddRange(after);
                at += count;
            }
            return (value, next.ToImmutable());
        };
    }

    public override ImmutableArray<ImmutableArray<long>> StateShapes(Symbol x)
    {
        var shapes = ImmutableArray.CreateBuilder<ImmutableArray<long>>();
        foreach (RecurrentCell cell in cells)
        {
            shapes.AddRange(cell.StateShapes(x));
            x = x with { Shape = TensorShape.Of(x.Shape[0], OutputSize(cell, x)) };
        }
        return shapes.ToImmutable();
    }

    private static long OutputSize(RecurrentCell cell, Symbol x) => cell is StackedCells stacked ? stacked.StateShapes(x)[^1][0] : cell.StateShapes(x)[0][0];
}
