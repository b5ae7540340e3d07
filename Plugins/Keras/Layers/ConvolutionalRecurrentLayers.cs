using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>An LSTM cell of convolutions: of the input with the layer's window, of the state with strides of 1 and the size kept.</summary>
[KerasLayer("ConvLSTMCell", "ConvLSTM1DCell", "ConvLSTM2DCell", "ConvLSTM3DCell")]
internal sealed class ConvolutionalCell : RecurrentCell
{
    private readonly ConvolutionSettings settings;
    private readonly long filters;
    private readonly Activation activation;
    private readonly Activation recurrentActivation;
    private readonly Variable kernel;
    private readonly Variable recurrent;
    private readonly Variable? bias;

    public ConvolutionalCell(LayerSource source)
        : base(source)
    {
        int axes = ClassName.StartsWith("ConvLSTM", StringComparison.Ordinal) && ClassName.Length > 8 && char.IsAsciiDigit(ClassName[8]) ? ClassName[8] - '0' : 2;
        settings = ConvolutionSettings.Of(Configuration, axes, ChannelsFirst());
        filters = Configuration.Count("filters");
        activation = ActivationOf("activation", "tanh");
        recurrentActivation = ActivationOf("recurrent_activation", Model.Generation == 3 ? "sigmoid" : "hard_sigmoid");
        kernel = Weight("kernel");
        recurrent = Weight("recurrent_kernel");
        bias = WeightIf(Configuration.Flag("use_bias", true), "bias");
    }

    private Window StateWindow => settings.Window with { Strides = [.. settings.Window.Strides.Select(_ => 1L)], Dilations = [.. settings.Window.Strides.Select(_ => 1L)], Padding = "SAME" };

    private int ChannelAxis => settings.ChannelsFirst ? 1 : settings.Axes + 1;

    public override ImmutableArray<ImmutableArray<long>> StateShapes(Symbol x)
    {
        TensorShape shape = settings.Window.OutputShape(x.Shape, filters);
        return [shape.Dimensions[1..], shape.Dimensions[1..]];
    }

    public override CellStep Prepare(LayerCall call, Symbol x)
    {
        long channels = x.KnownDimension(ChannelAxis);
        bool flat = settings.Axes == 1;
        long[] inputShape = [.. settings.Window.Size, channels, 4 * filters];
        long[] stateShape = [.. settings.Window.Size, filters, 4 * filters];
        Symbol weights = flat ? call.ReadExpanded(kernel, "Read/ReadVariableOp", 0, inputShape) : call.Read(kernel, "Read/ReadVariableOp", inputShape);
        Symbol states = flat ? call.ReadExpanded(recurrent, "Read_1/ReadVariableOp", 0, stateShape) : call.Read(recurrent, "Read_1/ReadVariableOp", stateShape);
        Symbol? offset = bias is null ? null : call.Read(bias, "Read_2/ReadVariableOp", 4 * filters);
        return (body, value, before) =>
        {
            Symbol fromInput = Convolve(body, value, weights, settings);
            if (offset is not null)
                fromInput = settings.Bias(body, fromInput, offset);
            Symbol fromState = Convolve(body, before[0], states, settings with { Window = StateWindow });
            return LstmCell.Gate(body, body.Split(body.Add(fromInput, fromState), 4, ChannelAxis), before[1], activation, recurrentActivation);
        };
    }

    private static Symbol Convolve(GraphBuilder graph, Symbol x, Symbol weights, ConvolutionSettings settings) => settings.Axes == 1
        ? settings.Collapse(graph, graph.Convolution(settings.Expand(graph, x, "ExpandDims"), weights, settings.Flat), "Squeeze")
        : graph.Convolution(x, weights, settings.Window);
}

/// <summary>LSTM layers of convolutions.</summary>
[KerasLayer("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")]
internal sealed class ConvolutionalRecurrentLayer : RecurrentLayer
{
    public ConvolutionalRecurrentLayer(LayerSource source)
        : base(source) => Cell = Child("cell", new ConvolutionalCell(source));

    protected override RecurrentCell Cell { get; }
}
