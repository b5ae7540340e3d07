using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>What is known of a vocabulary and of words that are not in it.</summary>
internal sealed record VocabularySettings
{
    /// <summary>Type of the words.</summary>
    public required DataType WordType { get; init; }

    /// <summary>The word that stands for nothing; null for none.</summary>
    public string? Mask { get; init; }

    /// <summary>The word that the other direction gives for unknown numbers.</summary>
    public string Unknown { get; init; } = "[UNK]";

    /// <summary>Numbers for words that are not in the vocabulary.</summary>
    public long UnknownCount { get; init; } = 1;

    /// <summary>True when words are looked up by number.</summary>
    public bool Inverts { get; init; }

    /// <summary>Number of categories, where answers are padded to it.</summary>
    public long? PaddedSize { get; init; }

    /// <summary>A factor for each word of the vocabulary.</summary>
    public ImmutableArray<double> Factors { get; init; } = [];

    /// <summary>A factor for each category, as an adapted layer stores them; empty for none.</summary>
    public ImmutableArray<double> StoredFactors { get; init; } = [];

    /// <summary>True when whole numbers that are not in the vocabulary are hashed as texts.</summary>
    public bool HashesNumbers { get; init; }

    /// <summary>Two numbers that salt the hash of unknown words; empty for none.</summary>
    public ImmutableArray<long> Salt { get; init; } = [];
}

/// <summary>Words to numbers by a hash table whose contents are constants of the graph.</summary>
internal sealed class Vocabulary(VocabularySettings settings, CategoryEncoder encoder, ImmutableArray<string> words)
{
    private long FirstUnknown => settings.Mask is not null && encoder.IsInteger ? 1 : 0;

    private long FirstWord => FirstUnknown + settings.UnknownCount;

    /// <summary>The words alone, without those that stand for nothing and for unknown ones.</summary>
    private ImmutableArray<string> Words
    {
        get
        {
            string[] special = [.. Enumerable.Repeat(settings.Mask ?? "", (int)FirstUnknown), .. Enumerable.Repeat(settings.Unknown, checked((int)settings.UnknownCount))];
            return special.Length > 0 && words.Length >= special.Length && words.Take(special.Length).SequenceEqual(special) ? words[special.Length..] : words;
        }
    }

    /// <summary>Number of categories, and the number that counts for nothing.</summary>
    public long Depth => settings.PaddedSize ?? FirstWord + Words.Length;

    /// <summary>The numbers of words, or the words of numbers.</summary>
    public Symbol Lookup(GraphBuilder graph, Symbol x) => settings.Inverts ? Backward(graph, x) : Forward(graph, x);

    /// <summary>The answer in the layer's output mode.</summary>
    public Symbol Encode(GraphBuilder graph, Symbol numbers) => encoder.Encode(graph, numbers, Depth, factors: encoder.IsWeighted ? Factors() : default);

    private Symbol Forward(GraphBuilder graph, Symbol x)
    {
        Symbol keys = settings.WordType == DataType.String ? x : graph.Cast(x, DataType.Int64);
        if (keys.Type != settings.WordType)
            throw KerasException.Configuration($"it looks up {settings.WordType.Name()} words, its input is {x.Type.Name()}");
        long fallback = settings.UnknownCount == 1 ? FirstUnknown : -1;
        Symbol found = Find(graph, keys, WordTensor(), Tensors.Of(DataType.Int64, TensorShape.Of(Words.Length), [.. Enumerable.Range(0, Words.Length).Select(i => (double)(FirstWord + i))]), graph.Scalar("None_Lookup/LookupTableFindV2/default_value", DataType.Int64, fallback));
        if (settings.UnknownCount > 1)
        {
            Symbol hash = Hash(graph, keys);
            Symbol isUnknown = graph.Compare("Equal", found, graph.Scalar("Equal/y", DataType.Int64, -1));
            found = graph.Select(isUnknown, FirstUnknown == 0 ? hash : graph.Add(hash, FirstUnknown), found);
        }
        if (settings.Mask is { } mask)
        {
            Symbol hidden = graph.Compare("Equal", keys, Word(graph, "Equal_1/y", mask), "Equal_1");
            found = graph.Select(hidden, graph.Constant("SelectV2_1/t", Tensor.Create<long>(DataType.Int64, TensorShape.Scalar, [encoder.IsInteger ? 0 : long.MaxValue])), found, "SelectV2_1");
        }
        return found;
    }

    /// <summary>A number below that of unknown words' numbers.</summary>
    private Symbol Hash(GraphBuilder graph, Symbol keys)
    {
        if (settings.WordType != DataType.String && !settings.HashesNumbers)
            return graph.Binary("FloorMod", keys, graph.Scalar("FloorMod/y", DataType.Int64, settings.UnknownCount));
        Symbol text = settings.WordType == DataType.String ? keys : graph.Add("AsString", "AsString", keys.Shape, [keys]);
        return settings.Salt.IsEmpty
            ? graph.Add("StringToHashBucketFast", "hash_bucket", keys.Shape, [text], ("num_buckets", settings.UnknownCount))
            : graph.Add("StringToHashBucketStrong", "hash_bucket", keys.Shape, [text], ("num_buckets", settings.UnknownCount), ("key", AttributeValue.Ints(settings.Salt.AsSpan())));
    }

    private Symbol Backward(GraphBuilder graph, Symbol x)
    {
        Symbol keys = graph.Cast(x, DataType.Int64);
        Tensor numbers = Tensors.Of(DataType.Int64, TensorShape.Of(Words.Length), [.. Enumerable.Range(0, Words.Length).Select(i => (double)(FirstWord + i))]);
        Symbol found = Find(graph, keys, numbers, WordTensor(), Word(graph, "None_Lookup/LookupTableFindV2/default_value", settings.Unknown));
        if (settings.Mask is not { } mask)
            return found;
        Symbol hidden = graph.Compare("Equal", keys, graph.Scalar("Equal_1/y", DataType.Int64, 0), "Equal_1");
        return graph.Select(hidden, Word(graph, "SelectV2_1/t", mask), found, "SelectV2_1");
    }

    /// <summary>A table, its contents, and the look-up, which waits for them.</summary>
    private static Symbol Find(GraphBuilder graph, Symbol keys, Tensor from, Tensor to, Symbol fallback)
    {
        string name = graph.NameFor("hash_table");
        Symbol table = graph.Add("HashTableV2", "hash_table", TensorShape.Scalar, [], ("key_dtype", from.Type), ("value_dtype", to.Type), ("shared_name", name));
        string filled = graph.AddAction("LookupTableImportV2", "table_init/LookupTableImportV2", [table, graph.Constant("table_init/keys", from), graph.Constant("table_init/values", to)]);
        Symbol found = graph.Add("LookupTableFindV2", "None_Lookup/LookupTableFindV2", keys.Shape, [table, keys, fallback]);
        graph.Wait(found, filled);
        return found;
    }

    private Tensor WordTensor() => settings.WordType == DataType.String
        ? Tensor.FromStrings(TensorShape.Of(Words.Length), [.. Words.Select(word => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(word))])
        : Tensor.Create<long>(DataType.Int64, TensorShape.Of(Words.Length), [.. Words.Select(Number)]);

    private Symbol Word(GraphBuilder graph, string name, string word) => settings.WordType == DataType.String
        ? graph.Strings(name, TensorShape.Scalar, [word])
        : graph.Constant(name, Tensor.Create<long>(DataType.Int64, TensorShape.Scalar, [Number(word)]));

    private static long Number(string word) => long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : throw KerasException.Configuration($"the vocabulary has '{word}', which is not an integer");

    /// <summary>The factors of all categories: unknown ones have the mean, padding has zero.</summary>
    private ImmutableArray<double> Factors()
    {
        if (!settings.StoredFactors.IsEmpty)
            return settings.StoredFactors.Length == Depth ? settings.StoredFactors : throw KerasException.Weight($"its idf_weights are {settings.StoredFactors.Length}, its categories {Depth}");
        if (settings.Factors.IsEmpty || (settings.Factors.Length != Words.Length && settings.Factors.Length != words.Length))
            throw KerasException.Configuration($"its idf_weights are {settings.Factors.Length}, its words {Words.Length}");
        ImmutableArray<double> own = settings.Factors[(settings.Factors.Length - Words.Length)..];
        double mean = own.IsEmpty ? 0 : own.Average();
        return [.. Enumerable.Repeat(mean, checked((int)FirstWord)), .. own, .. Enumerable.Repeat(0.0, checked((int)(Depth - FirstWord - own.Length)))];
    }
}

/// <summary>Words or integers to numbers, and back.</summary>
[KerasLayer("StringLookup", "IntegerLookup")]
internal sealed class LookupLayer : Layer, IVocabularyLayer
{
    private readonly CategoryEncoder encoder;
    private VocabularySettings settings;
    private ImmutableArray<string>? words;

    public LookupLayer(LayerSource source)
        : base(source)
    {
        bool isText = ClassName == "StringLookup";
        if (isText && Configuration.Text("encoding", "utf-8") != "utf-8")
            throw Unsupported("words in another encoding than UTF-8");
        settings = new()
        {
            WordType = isText ? DataType.String : DataType.Int64,
            Mask = WordOf(Configuration, "mask_token"),
            Unknown = WordOf(Configuration, "oov_token") ?? (isText ? "[UNK]" : "-1"),
            UnknownCount = Configuration.Integer("num_oov_indices", 1),
            Inverts = Configuration.Flag("invert", false),
            HashesNumbers = Configuration.Word("oov_method", "floormod", "floormod", "farmhash") == "farmhash",
            Salt = HashingLayer.SaltOf(Configuration),
            PaddedSize = Configuration.Flag("pad_to_max_tokens", false) && Configuration.Has("max_tokens") ? Configuration.Count("max_tokens") : null,
            Factors = Configuration.Has("idf_weights") ? Configuration.Numbers("idf_weights") : [],
        };
        encoder = CategoryEncoder.Of(Configuration, "int", DataType.Int64, Model.Generation == 3 ? DataType.Int64 : Policy.Compute is DataType.Int64 ? DataType.Float : Policy.Compute);
        words = WordsOf(Configuration, "vocabulary");
    }

    protected override bool ConvertsInputs => false;

    /// <inheritdoc/>
    public string LookupPath => "";

    /// <inheritdoc/>
    public void SetFactors(ImmutableArray<double> factors) => settings = settings with { StoredFactors = factors };

    /// <inheritdoc/>
    public void SetVocabulary(ImmutableArray<string> words) => this.words = words;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        var vocabulary = new Vocabulary(settings, encoder, words ?? throw LookupErrors.NoVocabulary());
        Symbol numbers = vocabulary.Lookup(call.Graph, call.Input);
        return [settings.Inverts ? numbers : vocabulary.Encode(call.Graph, numbers)];
    }

    /// <summary>A word of a configuration, which may be a number.</summary>
    private static string? WordOf(ConfigurationObject configuration, string key) => configuration.Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => throw configuration.Wrong(key, "a word"),
    };

    /// <summary>The words of a configuration; null when it has none.</summary>
    public static ImmutableArray<string>? WordsOf(ConfigurationObject configuration, string key)
    {
        if (configuration.Find(key) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            throw KerasException.Option($"{configuration.Owner}: its vocabulary is in a file '{value.GetString()}' of the machine that made it");
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("config", out JsonElement config) && config.ValueKind == JsonValueKind.Object && config.TryGetProperty("value", out JsonElement inner))
            value = inner;
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(word => word.ValueKind == JsonValueKind.String ? word.GetString()! : word.GetRawText())] : throw configuration.Wrong(key, "words");
    }
}

/// <summary>Refusals of lookups.</summary>
internal static class LookupErrors
{
    /// <summary>A file without the words.</summary>
    public static KerasException NoVocabulary() =>
        new(KerasDiagnostics.MissingPart, "its vocabulary is not in the file; an .h5 file has none of an adapted layer", "Save the model as .keras, or export it as a SavedModel.");
}
