using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>A layer that runs a cell over time.</summary>
internal abstract class RecurrentLayer : Layer
{
    private readonly bool returnsState;

    protected RecurrentLayer(LayerSource source)
        : base(source)
    {
        returnsState = Configuration.Flag("return_state", false);
        Settings = new()
        {
            ReturnsSequences = Configuration.Flag("return_sequences", false),
            GoesBackwards = Configuration.Flag("go_backwards", false),
            Unrolls = Configuration.Flag("unroll", false),
            TimeMajor = Configuration.Flag("time_major", false),
            ZeroForHidden = Configuration.Flag("zero_output_for_mask", false),
        };
    }

    /// <summary>How it goes; Bidirectional changes it.</summary>
    public RecurrentSettings Settings { get; set; }

    /// <summary>True when the states after the last step are answers, too.</summary>
    public bool ReturnsState => returnsState;

    protected override bool PassesMask => false;

    protected abstract RecurrentCell Cell { get; }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        if (x.Rank < 3)
            throw KerasException.Configuration($"its input {x.Shape} must have a time axis");
        int batchAxis = Settings.TimeMajor ? 1 : 0;
        Symbol oneStep = x with { Shape = x.Shape.Remove(1 - batchAxis) };
        CellStep step = Cell.Prepare(call, oneStep);
        ImmutableArray<Symbol> given = call.Arguments.Named.TryGetValue("initial_state", out Argument? named) ? [.. named.Tensors()] : call.Inputs[1..];
        ImmutableArray<ImmutableArray<long>> shapes = Cell.StateShapes(oneStep);
        if (!given.IsEmpty && given.Length != shapes.Length)
            throw KerasException.Configuration($"it is called with {given.Length} states, it has {shapes.Length}");
        ImmutableArray<Symbol> states = !given.IsEmpty
            ? [.. given.Select(state => graph.Cast(state.Unmasked, call.ComputeType))]
            : [.. shapes.Select(shape => RecurrentLoop.Zeros(graph, graph.DimensionOf(x, batchAxis), TensorShape.Of([oneStep.Shape[0], .. shape]), call.ComputeType))];
        Symbol? mask = call.Mask;
        (Symbol output, ImmutableArray<Symbol> last) = RecurrentLoop.Run(graph, Settings, step, x.Unmasked, states, mask);
        if (Settings.ReturnsSequences && mask is not null)
            output = output with { Mask = mask };
        return returnsState ? [output, .. last] : [output];
    }
}

/// <summary>The three layers of dense cells.</summary>
[KerasLayer("SimpleRNN", "LSTM", "GRU")]
internal sealed class DenseRecurrentLayer : RecurrentLayer
{
    public DenseRecurrentLayer(LayerSource source)
        : base(source) =>
        Cell = Child("cell", (RecurrentCell)(ClassName switch
        {
            "LSTM" => new LstmCell(source),
            "GRU" => new GruCell(source),
            _ => new SimpleRnnCell(source),
        }));

    protected override RecurrentCell Cell { get; }
}

/// <summary>A layer of any cell.</summary>
[KerasLayer("RNN")]
internal sealed class GenericRecurrentLayer : RecurrentLayer
{
    public GenericRecurrentLayer(LayerSource source)
        : base(source)
    {
        if (Configuration.Integer("num_constants", 0) != 0)
            throw Unsupported("constants of a recurrent layer");
        Cell = Child("cell", Configuration.Get("cell")) as RecurrentCell ?? throw Unsupported("a cell that is none of Keras'");
    }

    protected override RecurrentCell Cell { get; }
}

/// <summary>Two recurrent layers, one forward and one backward in time, and their outputs merged.</summary>
[KerasLayer("Bidirectional")]
internal sealed class BidirectionalLayer : Layer
{
    private readonly RecurrentLayer forward;
    private readonly RecurrentLayer backward;
    private readonly string? mode;

    public BidirectionalLayer(LayerSource source)
        : base(source)
    {
        mode = Configuration.Has("merge_mode") ? Configuration.Word("merge_mode", "concat", "concat", "sum", "mul", "ave") : null;
        forward = Child("forward_layer", Configuration.Get("layer")) as RecurrentLayer ?? throw Unsupported("a layer that is not recurrent");
        bool own = Configuration.Has("backward_layer");
        backward = Child("backward_layer", Configuration.Get(own ? "backward_layer" : "layer")) as RecurrentLayer ?? throw Unsupported("a layer that is not recurrent");
        if (!own)
            backward.Settings = backward.Settings with { GoesBackwards = !forward.Settings.GoesBackwards };
        forward.Settings = forward.Settings with { ZeroForHidden = forward.Settings.ReturnsSequences };
        backward.Settings = backward.Settings with { ZeroForHidden = backward.Settings.ReturnsSequences };
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        ImmutableArray<Symbol> states = call.Arguments.Named.TryGetValue("initial_state", out Argument? named) ? [.. named.Tensors()] : call.Inputs[1..];
        if (states.Length % 2 != 0)
            throw KerasException.Configuration($"it is called with {states.Length} states, which are not two halves");
        Symbol? mask = call.Mask;
        ImmutableArray<Symbol> ahead = forward.Call(graph, CallArguments.Of([x, .. states[..(states.Length / 2)]]).With("mask", mask));
        ImmutableArray<Symbol> back = backward.Call(graph, CallArguments.Of([x, .. states[(states.Length / 2)..]]).With("mask", mask));
        Symbol y = ahead[0].Unmasked;
        Symbol z = forward.Settings.ReturnsSequences ? graph.ReverseAxes(back[0].Unmasked, forward.Settings.TimeMajor ? 0 : 1) : back[0].Unmasked;
        Symbol? result = mode switch
        {
            "concat" => graph.Concat([y, z], -1),
            "sum" => graph.Add(y, z),
            "ave" => graph.Divide(graph.Add(y, z), 2),
            "mul" => graph.Multiply(y, z),
            _ => null,
        };
        Symbol? passed = forward.Settings.ReturnsSequences ? mask : null;
        ImmutableArray<Symbol> outputs = result is null ? [y with { Mask = passed }, z with { Mask = passed }] : [result with { Mask = passed }];
        return forward.ReturnsState ? [.. outputs, .. ahead[1..], .. back[1..]] : outputs;
    }
}

/// <summary>A layer applied to each time step: batch and time become one axis.</summary>
[KerasLayer("TimeDistributed")]
internal sealed class TimeDistributedLayer : Layer
{
    private readonly Layer inner;

    public TimeDistributedLayer(LayerSource source)
        : base(source) => inner = Child("layer", Configuration.Get("layer"));

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        if (call.Inputs.FirstOrDefault(input => input.Rank < 2) is { } flat)
            throw KerasException.Configuration($"its input {flat.Shape} must have a time axis");
        ImmutableArray<Dimension> dimensions = graph.DimensionsOf(x);
        Symbol? mask = call.Mask;
        CallArguments arguments = CallArguments.Of([.. call.Inputs.Select(input => Merge(graph, input))]);
        if (mask is { Rank: > 2 })
            arguments = arguments.With("mask", graph.Reshape(mask, [Rows(mask), .. graph.DimensionsOf(mask)[2..]], "Reshape_mask"));
        ImmutableArray<Symbol> results = inner.Call(graph, arguments);
        return [.. results.Select(result => Unmerge(graph, result, dimensions, mask))];
    }

    private static Symbol Merge(GraphBuilder graph, Symbol x) => graph.Reshape(x.Unmasked, [Rows(x), .. graph.DimensionsOf(x)[2..]]);

    private static Dimension Rows(Symbol x) => x.Shape[0] >= 0 && x.Shape[1] >= 0 ? Axes.Product(x.Shape.Dimensions[..2]) : -1;

    private static Symbol Unmerge(GraphBuilder graph, Symbol result, ImmutableArray<Dimension> dimensions, Symbol? mask)
    {
        Symbol y = graph.Reshape(result.Unmasked, [.. dimensions[..2], .. graph.DimensionsOf(result)[1..]], "Reshape_1");
        if (mask is null)
            return y;
        for (; mask.Rank > 2;)
            mask = graph.Reduce("Any", mask, [-1], keep: false, "mask/Any");
        return y with { Mask = mask };
    }
}
