using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>
/// Convolutions over one or two axes whose kernel differs from position to position. The file has a kernel for each position (implementation 1), one from every input to every output of which only what
/// the windows reach counts (2), or the values of those pairs alone (3).
/// </summary>
[KerasLayer("LocallyConnected1D", "LocallyConnected2D")]
internal sealed class LocallyConnectedLayer : Layer
{
    private const long MostPairs = 1 << 26;

    private readonly ConvolutionSettings settings;
    private readonly long filters;
    private readonly long implementation;
    private readonly Variable kernel;
    private readonly Variable? bias;
    private readonly Activation activation;

    public LocallyConnectedLayer(LayerSource source)
        : base(source)
    {
        settings = ConvolutionSettings.Of(Configuration, ClassName[^2] - '0', ChannelsFirst());
        if (settings.IsCausal || settings.Window.IsDilated)
            throw Unsupported("padding=causal or a dilation_rate");
        filters = Configuration.Count("filters");
        implementation = Configuration.Count("implementation", 1);
        if (implementation > 3 || (implementation == 1 && settings.Window.Padding == "SAME"))
            throw Unsupported($"implementation {implementation} with padding {Configuration.Text("padding", "valid")}");
        activation = ActivationOf("activation");
        kernel = Weight("kernel");
        bias = WeightIf(Configuration.Flag("use_bias", true), "bias");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = settings.Prepare(graph, call.Input);
        long channels = x.KnownDimension(settings.ChannelAxis);
        ImmutableArray<long> sizes = [.. Enumerable.Range(settings.ChannelsFirst ? 2 : 1, settings.Axes).Select(x.KnownDimension)];
        ImmutableArray<Reach> reaches = [.. sizes.Select((size, axis) => Reach.Of(size, settings.Window, axis))];
        Symbol y = implementation == 1 ? ByPosition(call, x, channels, reaches) : ByPairs(call, x, channels, sizes, reaches);
        if (bias is not null)
        {
            ImmutableArray<long> positions = [.. reaches.Select(reach => reach.Count)];
            Symbol offset = call.Read(bias, "BiasAdd/ReadVariableOp", [.. positions, filters]);
            y = graph.Add(y, graph.Reshape(offset, [1, .. InOrder(positions, filters).Select(size => new Dimension(size))], "BiasAdd/Reshape"), "BiasAdd/add");
        }
        return [activation.Apply(graph, y)];
    }

    private ImmutableArray<long> InOrder(ImmutableArray<long> spatial, long channels) => settings.ChannelsFirst ? [channels, .. spatial] : [.. spatial, channels];

    /// <summary>Patches times the kernel of their position.</summary>
    private Symbol ByPosition(LayerCall call, Symbol x, long channels, ImmutableArray<Reach> reaches)
    {
        GraphBuilder graph = call.Graph;
        ImmutableArray<long> window = settings.Window.Size;
        ImmutableArray<long> positions = [.. reaches.Select(reach => reach.Count)];
        long count = Axes.Product(positions);
        long features = Axes.Product(window) * channels;
        Symbol weights = call.Read(kernel, "ReadVariableOp", count, features, filters);
        int[] order = [.. Enumerable.Range(2, settings.Axes), 1];
        if (settings.ChannelsFirst)
        {
            x = graph.Transpose(x, [0, .. order]);
            weights = graph.Reshape(weights, [count, channels, .. window.Select(size => new Dimension(size)), filters], "kernel/Reshape");
            weights = graph.Transpose(weights, [0, .. order, settings.Axes + 2], "kernel/transpose");
            weights = graph.Reshape(weights, [count, features, filters], "kernel/Reshape_1");
        }
        Dimension batch = graph.DimensionOf(x, 0);
        if (settings.Axes == 1)
            x = graph.ExpandDims(x, 1);
        Window flat = settings.Axes == 1 ? settings.Flat with { ChannelsFirst = false } : settings.Window with { ChannelsFirst = false };
        TensorShape patched = flat.OutputShape(x.Shape, features);
        Symbol patches = graph.Add("ExtractImagePatches", "ExtractImagePatches", patched, [x], ("ksizes", flat.Spread(flat.Size)), ("strides", flat.Spread(flat.Strides)), ("rates", AttributeValue.Ints(1, 1, 1, 1)), ("padding", "VALID"));
        Symbol rows = graph.Transpose(graph.Reshape(patches, [batch, count, features]), [1, 0, 2], "transpose_rows");
        Symbol products = graph.Transpose(graph.BatchMatMul(rows, weights), [1, 0, 2], "transpose_products");
        Symbol y = graph.Reshape(products, [batch, .. positions.Select(size => new Dimension(size)), filters], "Reshape_1");
        return settings.ChannelsFirst ? graph.Transpose(y, [0, settings.Axes + 1, .. Enumerable.Range(1, settings.Axes)], "transpose_1") : y;
    }

    /// <summary>All inputs of a sample times one matrix.</summary>
    private Symbol ByPairs(LayerCall call, Symbol x, long channels, ImmutableArray<long> sizes, ImmutableArray<Reach> reaches)
    {
        GraphBuilder graph = call.Graph;
        ImmutableArray<long> inputs = InOrder(sizes, channels);
        ImmutableArray<long> outputs = InOrder([.. reaches.Select(reach => reach.Count)], filters);
        long rows = Axes.Product(inputs);
        long columns = Axes.Product(outputs);
        if (rows > MostPairs || columns > MostPairs || rows * columns > MostPairs)
            throw Unsupported($"{rows} inputs and {columns} outputs");
        Symbol flat = graph.Reshape(x, [graph.DimensionOf(x, 0), rows]);
        Symbol products = implementation == 2 ? graph.MatMul(flat, Masked(call, inputs, outputs, reaches)) : graph.MatMul(flat, Scattered(call, inputs, outputs, reaches), transposeY: true);
        return graph.Reshape(products, [graph.DimensionOf(x, 0), .. outputs.Select(size => new Dimension(size))], "Reshape_1");
    }

    private Symbol Masked(LayerCall call, ImmutableArray<long> inputs, ImmutableArray<long> outputs, ImmutableArray<Reach> reaches)
    {
        GraphBuilder graph = call.Graph;
        long columns = Axes.Product(outputs);
        double[] mask = new double[Axes.Product(inputs) * columns];
        foreach (var (output, input) in Pairs(inputs, outputs, reaches))
            mask[(input * columns) + output] = 1;
        ImmutableArray<long> shape = [.. inputs, .. outputs];
        Symbol weights = call.Read(kernel, "ReadVariableOp", shape.AsSpan());
        Symbol masked = graph.Multiply(weights, graph.Constant("mask", Tensors.Of(call.ComputeType, TensorShape.Of(shape), mask)));
        return graph.Reshape(masked, [Axes.Product(inputs), columns], "kernel/Reshape");
    }

    /// <summary>The values in a matrix of outputs × inputs; the file has them by output, then by input.</summary>
    private Symbol Scattered(LayerCall call, ImmutableArray<long> inputs, ImmutableArray<long> outputs, ImmutableArray<Reach> reaches)
    {
        GraphBuilder graph = call.Graph;
        (long Output, long Input)[] pairs = [.. Pairs(inputs, outputs, reaches).Order()];
        Symbol values = call.Read(kernel, "ReadVariableOp", pairs.Length);
        Symbol indices = graph.Constant("indices", Tensor.Create<int>(DataType.Int32, TensorShape.Of(pairs.Length, 2), [.. pairs.SelectMany(pair => new[] { (int)pair.Output, (int)pair.Input })]));
        TensorShape shape = TensorShape.Of(Axes.Product(outputs), Axes.Product(inputs));
        return graph.Add("ScatterNd", "ScatterNd", shape, [indices, values, graph.Ints("ScatterNd/shape", shape.Dimensions)]);
    }

    /// <summary>Numbers of the outputs of a sample with the inputs that they are computed from.</summary>
    private IEnumerable<(long Output, long Input)> Pairs(ImmutableArray<long> inputs, ImmutableArray<long> outputs, ImmutableArray<Reach> reaches)
    {
        bool first = settings.ChannelsFirst;
        long channels = first ? inputs[0] : inputs[^1];
        long places = Axes.Product(inputs) / channels;
        long positions = Axes.Product(outputs) / filters;
        foreach (var (position, place) in Places(reaches))
        {
            for (long filter = 0; filter < filters; filter++)
            {
                for (long channel = 0; channel < channels; channel++)
                    yield return first ? ((filter * positions) + position, (channel * places) + place) : ((position * filters) + filter, (place * channels) + channel);
            }
        }
    }

    /// <summary>Numbers of the positions with those of the places that their windows reach.</summary>
    private static IEnumerable<(long Position, long Place)> Places(ImmutableArray<Reach> reaches)
    {
        IEnumerable<(long Position, long Place)> all = [(0, 0)];
        foreach (Reach reach in reaches)
            all = all.SelectMany(outer => reach.Pairs().Select(inner => ((outer.Position * reach.Count) + inner.Position, (outer.Place * reach.Size) + inner.Place)));
        return all;
    }

    /// <summary>What the windows along an axis reach.</summary>
    /// <param name="Size">Size of the axis.</param>
    /// <param name="Count">Number of windows.</param>
    /// <param name="Width">Size of a window.</param>
    /// <param name="Stride">Distance of windows.</param>
    /// <param name="Before">Places before its position that a window begins at.</param>
    private sealed record Reach(long Size, long Count, long Width, long Stride, long Before)
    {
        public static Reach Of(long size, Window window, int axis)
        {
            bool isSame = window.Padding == "SAME";
            long width = window.Size[axis];
            long stride = window.Strides[axis];
            if (!isSame && width > size)
                throw KerasException.Configuration($"a window of {width} does not fit into {size}");
            return new(size, isSame ? ((size - 1) / stride) + 1 : ((size - width) / stride) + 1, width, stride, isSame ? width / 2 : 0);
        }

        public IEnumerable<(long Position, long Place)> Pairs()
        {
            for (long position = 0; position < Count; position++)
            {
                long start = (position * Stride) - Before;
                for (long place = Math.Max(0, start); place < Math.Min(Size, start + Width); place++)
                    yield return (position, place);
            }
        }
    }
}
