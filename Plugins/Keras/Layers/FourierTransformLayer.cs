using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Short-time Fourier transform by two convolutions, whose kernels are weights: real and imaginary part of each frequency. Each channel is transformed alone.</summary>
[KerasLayer("STFTSpectrogram")]
internal sealed class FourierTransformLayer : Layer
{
    private const double Epsilon = 1e-7;

    private readonly string mode;
    private readonly long length;
    private readonly long stride;
    private readonly long bins;
    private readonly bool pads;
    private readonly bool expands;
    private readonly bool channelsFirst;
    private readonly Variable? real;
    private readonly Variable? imaginary;

    public FourierTransformLayer(LayerSource source)
        : base(source)
    {
        mode = Configuration.Word("mode", "log", "log", "magnitude", "psd", "real", "imag", "angle", "stft");
        length = Configuration.Count("frame_length", 256);
        stride = Configuration.Has("frame_step") ? Configuration.Count("frame_step") : Math.Max(1, length / 2);
        bins = (Configuration.Has("fft_length") ? Configuration.Count("fft_length") : PowerOfTwo(length)) / 2 + 1;
        pads = Configuration.Word("padding", "valid", "valid", "same") == "same";
        expands = Configuration.Flag("expand_dims", false);
        channelsFirst = ChannelsFirst();
        real = WeightIf(mode != "imag", "real_kernel");
        imaginary = WeightIf(mode != "real", "imag_kernel");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        if (x.Rank != 3)
            throw KerasException.Configuration($"its input {x.Shape} must have 3 dimensions");
        if (!channelsFirst)
            x = graph.Transpose(x, [0, 2, 1], "transpose_in");
        return [mode switch
        {
            "real" => Arranged(graph, Part(call, x, real!)),
            "imag" => Arranged(graph, Part(call, x, imaginary!)),
            "stft" => Arranged(graph, graph.Concat([Part(call, x, real!), Part(call, x, imaginary!)], 2)),
            "angle" => Arranged(graph, graph.Binary("Atan2", Part(call, x, imaginary!), Part(call, x, real!))),
            _ => Magnitude(graph, graph.Add(graph.Unary("Square", Part(call, x, real!)), graph.Unary("Square", Part(call, x, imaginary!)))),
        }];
    }

    private Symbol Magnitude(GraphBuilder graph, Symbol power)
    {
        if (mode == "psd")
            return Arranged(graph, graph.Add(power, graph.Pad(graph.SliceAxis(power, 2, 1, -1), [(0, 0), (0, 0), (1, 1), (0, 0)])));
        Symbol magnitude = Arranged(graph, graph.Unary("Sqrt", AtLeast(power, "Maximum")));
        return mode == "magnitude" ? magnitude : graph.Unary("Log", AtLeast(magnitude, "Maximum_1"));

        Symbol AtLeast(Symbol value, string name) => graph.Binary("Maximum", value, graph.Scalar(name + "/y", value.Type, Epsilon), name);
    }

    /// <summary>The products of all frames with one kernel: batch × channels × frequencies × frames.</summary>
    private Symbol Part(LayerCall call, Symbol x, Variable kernel)
    {
        GraphBuilder graph = call.Graph;
        ImmutableArray<Dimension> dimensions = graph.DimensionsOf(x);
        Symbol weights = call.ReadExpanded(kernel, kernel.Name + "/ExpandDims", 0, length, 1, bins);
        Symbol rows = graph.ExpandDims(graph.Reshape(x, [-1, dimensions[2], 1]), 1);
        Symbol frames = graph.Squeeze(graph.Convolution(rows, weights, Window.Plain([1, length], [1, stride], pads ? "SAME" : "VALID", channelsFirst: false)), [1]);
        Symbol turned = graph.Transpose(frames, [0, 2, 1]);
        return graph.Reshape(turned, [dimensions[0], x.KnownDimension(1), bins, graph.DimensionOf(turned, 2)], "Reshape_1");
    }

    /// <summary>The result with the axes of the configuration.</summary>
    private Symbol Arranged(GraphBuilder graph, Symbol y)
    {
        if (expands)
            return graph.Transpose(y, channelsFirst ? [0, 1, 3, 2] : [0, 3, 2, 1], "transpose_out");
        Symbol flat = graph.Reshape(y, [graph.DimensionOf(y, 0), y.KnownDimension(1) * y.KnownDimension(2), graph.DimensionOf(y, 3)], "Reshape_2");
        return channelsFirst ? flat : graph.Transpose(flat, [0, 2, 1], "transpose_out");
    }

    private static long PowerOfTwo(long atLeast)
    {
        long power = 1;
        while (power < atLeast)
            power *= 2;
        return power;
    }
}
