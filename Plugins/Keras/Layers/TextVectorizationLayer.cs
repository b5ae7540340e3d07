using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Texts to numbers of words: lower case, punctuation, splitting, n-grams, look-up.</summary>
[KerasLayer("TextVectorization")]
internal sealed class TextVectorizationLayer : Layer, IVocabularyLayer
{
    private const string Punctuation = @"[!""#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']";

    private readonly string standardize;
    private readonly string? split;
    private readonly ImmutableArray<long> widths;
    private readonly long? length;
    private readonly CategoryEncoder encoder;
    private VocabularySettings settings;
    private ImmutableArray<string>? words;

    public TextVectorizationLayer(LayerSource source)
        : base(source)
    {
        standardize = Configuration.Has("standardize") ? Configuration.Word("standardize", "", "lower_and_strip_punctuation", "lower", "strip_punctuation") : "";
        split = Configuration.Has("split") ? Configuration.Word("split", "whitespace", "whitespace", "character") : null;
        widths = WidthsOf();
        length = Configuration.Has("output_sequence_length") ? Configuration.Count("output_sequence_length") : null;
        encoder = CategoryEncoder.Of(Configuration, "int", DataType.Int64, Model.Generation == 3 ? DataType.Int64 : DataType.Float);
        settings = new()
        {
            WordType = DataType.String,
            Mask = "",
            PaddedSize = Configuration.Flag("pad_to_max_tokens", false) && Configuration.Has("max_tokens") ? Configuration.Count("max_tokens") : null,
            Factors = Configuration.Has("idf_weights") ? Configuration.Numbers("idf_weights") : [],
        };
        words = LookupLayer.WordsOf(Configuration, "vocabulary");
    }

    protected override bool ConvertsInputs => false;

    /// <inheritdoc/>
    public string LookupPath => "_lookup_layer/";

    /// <inheritdoc/>
    public void SetFactors(ImmutableArray<double> factors) => settings = settings with { StoredFactors = factors };

    /// <inheritdoc/>
    public void SetVocabulary(ImmutableArray<string> words) => this.words = words;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        if (x.Type != DataType.String)
            throw KerasException.Configuration($"its input is {x.Type.Name()}, not text");
        if (standardize.Contains("lower", StringComparison.Ordinal))
            x = graph.Unary("StringLower", x);
        if (standardize.Contains("strip", StringComparison.Ordinal))
            x = graph.Unary("StaticRegexReplace", x, null, ("pattern", Punctuation), ("rewrite", ""));
        using (graph.Open("string_lookup"))
        {
            var vocabulary = new Vocabulary(settings, encoder, words ?? throw LookupErrors.NoVocabulary());
            return [split is not null || !widths.IsEmpty ? Split(graph, x, vocabulary) : Whole(graph, x, vocabulary)];
        }
    }

    private Symbol Whole(GraphBuilder graph, Symbol x, Vocabulary vocabulary)
    {
        Symbol numbers = vocabulary.Lookup(graph, x);
        if (!encoder.IsInteger || length is not { } wanted || numbers.Rank < 2)
            return vocabulary.Encode(graph, numbers);
        long size = numbers.KnownDimension(-1);
        Symbol cut = size > wanted ? graph.SliceAxis(numbers, numbers.Rank - 1, 0, wanted) : numbers;
        return size < wanted ? graph.Pad(cut, [.. Enumerable.Repeat((0L, 0L), cut.Rank - 1), (0L, wanted - size)]) : cut;
    }

    private Symbol Split(GraphBuilder graph, Symbol x, Vocabulary vocabulary)
    {
        long together = split is null && x.Rank == 2 ? x.KnownDimension(1) : 0;
        if (split is not null && x.Rank == 2 && x.Shape[1] is 1 or -1)
            x = graph.Squeeze(x, [-1]);
        if (x.Rank != 1 && together == 0)
            throw KerasException.Configuration($"its input {x.Shape} is not a column of texts");
        Symbol values;
        ImmutableArray<Symbol> partition;
        ImmutableArray<string> kinds;
        if (split != "whitespace")
        {
            (values, Symbol bounds) = split is null ? Rows(graph, x, together) : Characters(graph, x);
            partition = [bounds];
            kinds = ["ROW_SPLITS"];
        }
        else
        {
            var parts = graph.AddMany("StringSplitV2", "StringSplit/StringSplitV2", [TensorShape.Of(-1, 2), TensorShape.Of(-1), TensorShape.Of(2)], [x, graph.Strings("StringSplit/Const", TensorShape.Scalar, [""])]);
            values = parts[1];
            partition = [graph.Element(parts[2], 0, "StringSplit/strided_slice_1"), graph.Take(parts[0], 1, 0)];
            kinds = ["FIRST_DIM_SIZE", "VALUE_ROWIDS"];
        }
        if (!widths.IsEmpty)
        {
            Symbol bounds = partition is [var count, var rows] ? Bounds(graph, rows, count) : partition[0];
            var grams = graph.AddMany("StringNGrams", "StringNGrams/StringNGrams", [TensorShape.Of(-1), TensorShape.Of(-1)], [values, bounds],
                ("separator", " "), ("ngram_widths", AttributeValue.Ints(widths.AsSpan())), ("left_pad", ""), ("right_pad", ""), ("pad_width", 0), ("preserve_short_sequences", false));
            values = grams[0];
            partition = [grams[1]];
            kinds = ["ROW_SPLITS"];
        }
        Symbol numbers = vocabulary.Lookup(graph, values);
        long columns = encoder.IsInteger ? length ?? -1 : -1;
        double padding = encoder.IsInteger ? 0 : vocabulary.Depth;
        Symbol shape = graph.Constant("RaggedToTensor/shape", Tensor.Create<long>(DataType.Int64, TensorShape.Of(2), [-1, columns]));
        Symbol dense = graph.Add("RaggedTensorToTensor", "RaggedToTensor/RaggedTensorToTensor", TensorShape.Of(x.Shape[0], columns),
            [shape, numbers, graph.Scalar("RaggedToTensor/default_value", DataType.Int64, padding), .. partition],
            ("row_partition_types", AttributeValue.Strings(kinds.AsSpan())), ("num_row_partition_tensors", partition.Length));
        return vocabulary.Encode(graph, dense);
    }

    /// <summary>Texts that belong together by rows of a length, and where each row begins.</summary>
    private static (Symbol Values, Symbol Bounds) Rows(GraphBuilder graph, Symbol x, long length)
    {
        Symbol values = graph.Reshape(x, [-1], "Rows/Reshape");
        return (values, Steps(graph, graph.Add("Size", "Rows/Size", TensorShape.Scalar, [values], ("out_type", DataType.Int64)), length, "Rows"));
    }

    /// <summary>0, step, 2 · step, … up to a count.</summary>
    private static Symbol Steps(GraphBuilder graph, Symbol count, long step, string name)
    {
        Symbol limit = graph.Add(count, graph.Scalar(name + "/add/y", DataType.Int64, 1), name + "/add");
        return graph.Add("Range", name + "/range", TensorShape.Of(-1), [graph.Scalar(name + "/range/start", DataType.Int64, 0), limit, graph.Scalar(name + "/range/delta", DataType.Int64, step)]);
    }

    /// <summary>The characters of all texts, and where each text begins, as <c>tf.strings.unicode_split</c> finds them.</summary>
    private static (Symbol Values, Symbol Bounds) Characters(GraphBuilder graph, Symbol x)
    {
        var decoded = graph.AddMany("UnicodeDecode", "UnicodeSplit/UnicodeDecode", [TensorShape.Of(-1), TensorShape.Of(-1)], [x], ("input_encoding", "UTF-8"), ("errors", "replace"), ("Tsplits", DataType.Int64));
        Symbol count = graph.Add("Size", "UnicodeSplit/Size", TensorShape.Scalar, [decoded[1]], ("out_type", DataType.Int64));
        Symbol characters = graph.Add("UnicodeEncode", "UnicodeSplit/UnicodeEncode", TensorShape.Of(-1), [decoded[1], Steps(graph, count, 1, "UnicodeSplit")], ("output_encoding", "UTF-8"), ("errors", "replace"));
        return (characters, decoded[0]);
    }

    /// <summary>Where each row begins, from the row of each value: the sums of counts.</summary>
    private static Symbol Bounds(GraphBuilder graph, Symbol rows, Symbol count)
    {
        Symbol sizes = graph.Add("Bincount", "bincount/Bincount", TensorShape.Of(-1), [graph.Cast(rows, DataType.Int32), graph.Cast(count, DataType.Int32), graph.Vector("bincount/Const", DataType.Int64)]);
        Symbol sums = graph.Add("Cumsum", "Cumsum", TensorShape.Of(-1), [sizes, graph.Int("Cumsum/axis", 0)]);
        return graph.Concat([graph.Constant("concat/values_0", Tensor.Create<long>(DataType.Int64, TensorShape.Of(1), [0])), sums], 0);
    }

    private ImmutableArray<long> WidthsOf()
    {
        if (!Configuration.Has("ngrams"))
            return [];
        ImmutableArray<long> given = Configuration.Integers("ngrams");
        if (given.Any(width => width is < 1 or > 64))
            throw Configuration.Wrong("ngrams", "widths from 1 to 64");
        return Configuration.Get("ngrams").ValueKind == JsonValueKind.Array ? given : [.. Enumerable.Range(1, (int)given[0]).Select(width => (long)width)];
    }
}
