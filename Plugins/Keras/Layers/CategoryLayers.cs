using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>How layers of categories give their answer: as numbers, or encoded over all categories.</summary>
internal sealed class CategoryEncoder
{
    private readonly string mode;
    private readonly DataType type;

    private CategoryEncoder(string mode, DataType type)
    {
        this.mode = mode;
        this.type = type;
    }

    /// <summary>True when the answer is the category's number.</summary>
    public bool IsInteger => mode == "int";

    /// <summary>True when counts are weighted.</summary>
    public bool IsWeighted => mode == "tf_idf";

    /// <summary>The mode of a configuration.</summary>
    /// <param name="configuration">The layer's.</param>
    /// <param name="fallback">Mode where it states none.</param>
    /// <param name="integers">Type of numbers.</param>
    /// <param name="encoded">Type of encoded answers.</param>
    public static CategoryEncoder Of(ConfigurationObject configuration, string fallback, DataType integers, DataType encoded)
    {
        if (configuration.Flag("sparse", false) || configuration.Flag("ragged", false))
            throw KerasException.Option($"{configuration.Owner}: sparse and ragged answers have no tensor");
        string declared = configuration.Text("output_mode", fallback);
        declared = declared is "binary" or "multi-hot" ? "multi_hot" : declared is "tf-idf" ? "tf_idf" : declared;
        if (declared is not ("int" or "one_hot" or "multi_hot" or "count" or "tf_idf"))
            throw configuration.Wrong("output_mode", "int, one_hot, multi_hot, count or tf_idf");
        return new(declared, declared == "int" ? integers : declared == "tf_idf" && encoded == DataType.Int64 ? DataType.Float : encoded);
    }

    /// <summary>The answer for numbers of categories; numbers from <paramref name="depth"/> on count for nothing.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="x">The numbers.</param>
    /// <param name="depth">Number of categories.</param>
    /// <param name="weights">A weight for each number, or null.</param>
    /// <param name="factors">A factor for each category, of <c>tf_idf</c>.</param>
    public Symbol Encode(GraphBuilder graph, Symbol x, long depth, Symbol? weights = null, ImmutableArray<double> factors = default)
    {
        if (mode == "int")
            return x.Type == type ? graph.Unary("Identity", x) : graph.Cast(x, type);
        if (mode == "one_hot")
            return OneHot(graph, x, depth);
        Symbol indices = x.Type is DataType.Int32 or DataType.Int64 ? x : graph.Cast(x, DataType.Int64);
        if (indices.Rank == 0)
            throw KerasException.Configuration("its input is a scalar, which has no axis of categories");
        if (indices.Rank == 1)
            indices = graph.ExpandDims(indices, 0, "ExpandDims_rows");
        DataType counts = type is DataType.Float or DataType.Double or DataType.Int32 or DataType.Int64 ? type : DataType.Float;
        bool isBinary = mode == "multi_hot";
        Symbol y = indices.Rank == 2 ? Bincount(graph, indices, depth, weights, counts, isBinary) : Sum(graph, indices, depth, weights, counts, isBinary);
        if (mode == "tf_idf")
            y = graph.Multiply(y, graph.Vector("idf_weights", y.Type, factors));
        y = graph.Cast(y, type);
        return x.Rank == 1 ? graph.Squeeze(y, [0]) : y;
    }

    private Symbol OneHot(GraphBuilder graph, Symbol x, long depth)
    {
        Symbol indices = x.Type is DataType.Int32 or DataType.Int64 or DataType.UInt8 ? x : graph.Cast(x, DataType.Int64);
        if (x.Rank > 1 && x.Dimension(-1) == 1)
            indices = graph.Squeeze(indices, [-1]);
        return graph.Add("OneHot", "one_hot", TensorShape.Of([.. indices.Shape.Dimensions, depth]),
            [indices, graph.Int("one_hot/depth", depth), graph.Scalar("one_hot/on_value", type, 1), graph.Scalar("one_hot/off_value", type, 0)], ("axis", -1));
    }

    private static Symbol Bincount(GraphBuilder graph, Symbol x, long depth, Symbol? weights, DataType type, bool isBinary)
    {
        Symbol size = graph.Scalar("bincount/Minimum", x.Type, depth);
        Symbol factors = weights is null || isBinary ? graph.Vector("bincount/Const_2", type) : graph.Cast(weights, type);
        return graph.Add("DenseBincount", "bincount/DenseBincount", TensorShape.Of(x.Shape[0], depth), [x, size, factors], ("binary_output", isBinary));
    }

    private static Symbol Sum(GraphBuilder graph, Symbol x, long depth, Symbol? weights, DataType type, bool isBinary)
    {
        Symbol hot = graph.Add("OneHot", "one_hot", TensorShape.Of([.. x.Shape.Dimensions, depth]),
            [x, graph.Int("one_hot/depth", depth), graph.Scalar("one_hot/on_value", type, 1), graph.Scalar("one_hot/off_value", type, 0)], ("axis", -1));
        if (isBinary)
            return graph.Reduce("Max", hot, [-2]);
        return graph.Reduce("Sum", weights is null ? hot : graph.Multiply(hot, graph.ExpandDims(graph.Cast(weights, type), -1)), [-2]);
    }
}

/// <summary>Numbers of categories, encoded.</summary>
[KerasLayer("CategoryEncoding")]
internal sealed class CategoryEncodingLayer : Layer
{
    private readonly long count;
    private readonly CategoryEncoder encoder;

    public CategoryEncodingLayer(LayerSource source)
        : base(source)
    {
        count = Configuration.Count("num_tokens");
        encoder = CategoryEncoder.Of(Configuration, "multi_hot", DataType.Int64, Policy.Compute);
    }

    protected override bool ConvertsInputs => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [encoder.Encode(call.Graph, call.Input, count, call.Tensor("count_weights"))];
}

/// <summary>Numbers by the range that they fall in.</summary>
[KerasLayer("Discretization")]
internal sealed class DiscretizationLayer : Layer
{
    private readonly long bins;
    private readonly Variable? summary;
    private readonly CategoryEncoder encoder;

    public DiscretizationLayer(LayerSource source)
        : base(source)
    {
        bool isLearned = !Configuration.Has("bin_boundaries");
        bins = isLearned ? Configuration.Count("num_bins") : 0;
        summary = WeightIf(isLearned, "summary", trainable: false);
        bool isNew = Model.Generation == 3;
        encoder = CategoryEncoder.Of(Configuration, "int", isNew ? DataType.Int32 : DataType.Int64, isNew ? Policy.Compute : Policy.Compute is DataType.Int64 ? DataType.Float : Policy.Compute);
    }

    protected override bool ConvertsInputs => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        double[] boundaries = summary is null ? [.. Configuration.Numbers("bin_boundaries")] : Quantiles(summary.Value ?? throw KerasException.Weight("its summary is not in the file"), bins);
        Symbol x = call.Input.Type is DataType.Float or DataType.Double or DataType.Int32 or DataType.Int64 ? call.Input : call.Graph.Cast(call.Input, DataType.Float);
        Symbol y = call.Graph.Add("Bucketize", "Bucketize", x.Shape, [x], ("boundaries", new ListValue([.. boundaries.Select(value => (AttributeValue)(float)value)])));
        return [encoder.Encode(call.Graph, y, boundaries.Length + 1)];
    }

    /// <summary>The inner boundaries of equally filled bins, interpolated in a summary of values and weights.</summary>
    private static double[] Quantiles(Tensor summary, long bins)
    {
        if (summary.Shape.Rank != 2 || summary.Shape[0] != 2 || summary.Shape[1] == 0)
            throw KerasException.Weight($"its summary has the shape {summary.Shape}");
        double[] all = Tensors.Doubles(summary);
        int count = all.Length / 2;
        if (count < bins)
            return [.. all[..(count - 1)]];
        double[] cumulative = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++)
            cumulative[i] = sum += all[count + i];
        double step = 1.0 / bins;
        return [.. Enumerable.Range(0, (int)Math.Min(bins - 1, int.MaxValue)).Select(i => (double)(float)Interpolate(step + (i * step)))];

        double Interpolate(double share)
        {
            for (int i = 0; i < count; i++)
            {
                double here = cumulative[i] / sum;
                if (here < share)
                    continue;
                if (i == 0 || here == share)
                    return all[i];
                double before = cumulative[i - 1] / sum;
                return all[i - 1] + ((share - before) / (here - before) * (all[i] - all[i - 1]));
            }
            return all[count - 1];
        }
    }
}

/// <summary>Numbers of categories by hashing.</summary>
[KerasLayer("Hashing")]
internal sealed class HashingLayer : Layer
{
    private readonly long bins;
    private readonly ImmutableArray<long> salt;
    private readonly CategoryEncoder encoder;

    public HashingLayer(LayerSource source)
        : base(source)
    {
        bins = Configuration.Count("num_bins");
        salt = SaltOf(Configuration);
        encoder = CategoryEncoder.Of(Configuration, "int", DataType.Int64, Policy.Compute == DataType.Int64 ? DataType.Float : Policy.Compute);
    }

    protected override bool ConvertsInputs => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        Symbol text = x.Type == DataType.String ? x : graph.Add("AsString", "AsString", x.Shape, [x]);
        bool masks = Configuration.Has("mask_value");
        long buckets = masks && bins > 1 ? bins - 1 : bins;
        Symbol hash = salt.IsEmpty
            ? graph.Add("StringToHashBucketFast", "hash", x.Shape, [text], ("num_buckets", buckets))
            : graph.Add("StringToHashBucketStrong", "hash", x.Shape, [text], ("num_buckets", buckets), ("key", AttributeValue.Ints(salt.AsSpan())));
        if (masks)
        {
            Symbol hidden = x.Type == DataType.String ? graph.Strings("mask", TensorShape.Scalar, [Configuration.Text("mask_value")]) : graph.Scalar("mask", x.Type, Configuration.Number("mask_value"));
            hash = graph.Select(graph.Compare("Equal", x, hidden), graph.Scalar("zero", DataType.Int64, 0), graph.Add(hash, 1));
        }
        return [encoder.Encode(graph, hash, bins)];
    }

    /// <summary>The two numbers that salt a hash; empty for none.</summary>
    public static ImmutableArray<long> SaltOf(ConfigurationObject configuration)
    {
        if (!configuration.Has("salt"))
            return [];
        ImmutableArray<double> values = configuration.Numbers("salt");
        return values.Length is 1 or 2 ? [(long)values[0], (long)values[^1]] : throw configuration.Wrong("salt", "one or two numbers");
    }
}

/// <summary>Numbers of pairs of categories by hashing.</summary>
[KerasLayer("HashedCrossing")]
internal sealed class HashedCrossingLayer : Layer
{
    /// <summary>The key that <c>tf.sparse.cross_hashed</c> gives where it is asked for none.</summary>
    private const long DefaultKey = 0xDECAFCAFFE;

    private readonly long bins;
    private readonly CategoryEncoder encoder;

    public HashedCrossingLayer(LayerSource source)
        : base(source)
    {
        bins = Configuration.Count("num_bins");
        encoder = CategoryEncoder.Of(Configuration, "int", DataType.Int64, Policy.Compute == DataType.Int64 ? DataType.Float : Policy.Compute);
    }

    protected override bool ConvertsInputs => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        int rank = call.Input.Rank;
        ImmutableArray<Symbol> inputs = [.. call.Inputs.Select(input => Column(graph, input))];
        DataType inner = inputs.All(input => input.Type == DataType.Int64) ? DataType.Int64 : DataType.String;
        var cross = graph.AddMany("SparseCross", "SparseCross", [TensorShape.Of(-1, 2), TensorShape.Of(-1), TensorShape.Of(2)], inputs,
            ("N", 0), ("sparse_types", AttributeValue.Types()), ("dense_types", AttributeValue.Types([.. inputs.Select(input => input.Type)])),
            ("hashed_output", true), ("num_buckets", bins), ("hash_key", DefaultKey), ("out_type", DataType.Int64), ("internal_type", inner));
        Symbol dense = graph.Add("SparseToDense", "SparseToDense", TensorShape.Of(-1, -1), [cross[0], cross[2], cross[1], graph.Scalar("zeros", DataType.Int64, 0)]);
        Symbol flat = rank switch
        {
            0 => graph.Reshape(dense, []),
            1 => graph.Reshape(dense, [-1]),
            _ => graph.Reshape(dense, [-1, 1]),
        };
        return [encoder.Encode(graph, flat, bins)];
    }

    private static Symbol Column(GraphBuilder graph, Symbol x)
    {
        Symbol wide = x.Type is DataType.String or DataType.Int64 ? x : graph.Cast(x, DataType.Int64);
        return x.Rank switch
        {
            0 => graph.Reshape(wide, [1, 1]),
            1 => graph.ExpandDims(wide, -1),
            2 => wide,
            _ => throw KerasException.Configuration($"its input {x.Shape} has more than 2 dimensions"),
        };
    }
}
