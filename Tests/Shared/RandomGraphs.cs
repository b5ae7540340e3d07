using System.Collections.Immutable;
using CsCheck;
using TransformFramework.Graphs;

namespace TransformFramework.Tests.Shared;

/// <summary>Random graphs that hold everything a file can: every kind of attribute, every element type in every encoding, unknown fields, functions.</summary>
internal static class RandomGraphs
{
    private static readonly DataType[] AllTypes = Enum.GetValues<DataType>();
    private static readonly DataType[] SizedTypes = [.. AllTypes.Where(type => type.Size() > 0)];

    /// <summary>Names: usual ones, odd ones, empty ones; few enough that some occur twice.</summary>
    public static readonly Gen<string> Names = Gen.Frequency(
        (6, Gen.Select(Gen.OneOf("conv", "add", "scope/w", "a-b", "x.1", "function", "versions", "node+1"), Gen.Int[0, 9]).Select((stem, n) => stem + n)),
        (1, Gen.OneOf("", " ", "ümlaut", "a b", "q\"uote", "back\\slash", "tab\t", "line\nfeed", "x:y", "^odd", "<3 more>", "emoji😀", "#", "=", "\u2028")),
        (1, Gen.String[Gen.Char[' ', '~'], 0, 6]));

    public static readonly Gen<NodeInput> Inputs = Gen.Frequency(
        (4, Names.Select(name => NodeInput.Data(name))),
        (2, Gen.Select(Names, Gen.Int[0, 3]).Select((name, port) => new NodeInput($"{name}:{port}"))),
        (1, Names.Select(NodeInput.Control)),
        (1, Gen.OneOf<NodeInput>("", "^", ":", "x:out:0", "a:b:c:d", "^x:0", "x:99999999999")));

    /// <summary>Fields with numbers that no message of a graph uses, each a varint.</summary>
    public static readonly Gen<UnknownFields> Unknown = Gen.Frequency(
        (9, Gen.Const(default(UnknownFields))),
        (1, Gen.Select(Gen.Int[100, 120], Gen.Int[0, 127]).List[1, 2].Select(fields =>
            new UnknownFields(fields.SelectMany(field => Varint(field.Item1 << 3).Append((byte)field.Item2)).ToArray()))));

    public static readonly Gen<DataType> Types = Gen.Frequency(
        (8, Gen.OneOf(AllTypes)),
        (1, Gen.OneOf(AllTypes).Select(type => type == DataType.Invalid ? type : type.AsReference())),
        (1, Gen.OneOf((DataType)99, (DataType)100, (DataType)24, (DataType)255)));

    public static readonly Gen<TensorShape> Shapes = Gen.Frequency(
        (6, Gen.Long[0, 3].Array[0, 3].Select(dimensions => TensorShape.Of(dimensions))),
        (2, Gen.Select(Gen.OneOf(-1L, 0L, 7L, long.MaxValue, -2L).Array[0, 3], Gen.Bool).Select((dimensions, unknown) =>
            TensorShape.Create([.. dimensions], unknown))),
        (1, Gen.Select(Gen.Long[-1, 4].Array[1, 3], Unknown).Select((dimensions, unknown) =>
            TensorShape.Create([.. dimensions], unknownRank: false, [.. dimensions.Select((_, i) => i == 0 ? "batch" : i == 1 ? "" : "odd name")], unknown))),
        (1, Gen.Const(TensorShape.Unknown)));

    /// <summary>Tensors in every encoding: full, splat, several elements, none, more or fewer bytes than the shape asks for, bytes of unknown types.</summary>
    public static readonly Gen<Tensor> Tensors = Gen.Select(
        Gen.Frequency((5, FullTensors()), (3, ListedTensors()), (2, StringTensors()), (1, RawTensors())),
        Gen.Frequency((9, Gen.Const(0)), (1, Gen.Int[1, 5])),
        Unknown).Select((tensor, version, unknown) => tensor.With(tensor.HasShape, version, unknown));

    /// <summary>Values that an item of a list can have.</summary>
    public static readonly Gen<AttributeValue>[] Scalars =
    [
        Gen.Frequency((3, Names.Select(name => (AttributeValue)name)), (1, Gen.Byte.Array[0, 5].Select(bytes => (AttributeValue)new BytesValue(bytes)))),
        Gen.Frequency((3, Gen.Int[-3, 300].Select(n => (AttributeValue)n)), (1, Gen.Long.Select(n => (AttributeValue)n))),
        Floats().Select(value => (AttributeValue)new FloatValue(value)),
        Gen.Bool.Select(value => (AttributeValue)value),
        Types.Select(value => (AttributeValue)value),
        Shapes.Select(value => (AttributeValue)value),
        Tensors.Select(value => (AttributeValue)value),
        Functions(Gen.OneOf(Gen.Int.Select(n => (AttributeValue)n), Types.Select(type => (AttributeValue)type))),
    ];

    public static readonly Gen<AttributeValue> Attributes = Gen.Select(
        Gen.Frequency(
            (8, Gen.OneOf(Scalars)),
            (3, Gen.OneOf(Gen.OneOf(Scalars.Select(scalar => scalar.Array[0, 4]).ToArray()))
                .Select(items => (AttributeValue)new ListValue([.. items]))),
            (1, Gen.Const<AttributeValue>(new UnsetValue())),
            (1, Names.Select(name => (AttributeValue)new PlaceholderValue(name)))),
        Unknown).Select((value, unknown) => value with { UnknownFields = unknown });

    public static readonly Gen<AttributeMap> Maps = Gen.Select(Names, Attributes).Array[0, 4].Select(entries => AttributeMap.Of(entries));

    public static readonly Gen<Node> Nodes = Gen.Select(
        Names,
        Gen.Frequency((5, Gen.OneOf("Const", "Conv2D", "Identity", "NoOp")), (1, Names)),
        Inputs.Array[0, 4],
        Maps,
        Gen.OneOf("", "", "", "/device:GPU:0", "odd \" device"),
        Unknown).Select((name, op, inputs, attributes, device, unknown) => new Node(name, op, [.. inputs], attributes, device) { UnknownFields = unknown });

    public static readonly Gen<FunctionDefinition> Definitions = Gen.Select(
        Signatures(),
        Nodes.Array[0, 3],
        Gen.Select(Names, Inputs).Array[0, 2],
        Names.Array[0, 2],
        Maps,
        Unknown).Select((signature, nodes, returns, controls, attributes, unknown) =>
            new FunctionDefinition(signature, [.. nodes], Sorted(returns.Select(entry => (entry.Item1, entry.Item2.Text))))
            {
                ControlReturns = Sorted(controls.Select(name => (name, name))),
                Attributes = attributes,
                UnknownFields = unknown,
            });

    public static readonly Gen<FunctionLibrary> Libraries = Gen.Select(
        Definitions.Array[0, 2],
        Gen.Select(Names, Names, Unknown).Select((name, gradient, unknown) => new FunctionGradient(name, gradient) { UnknownFields = unknown }).Array[0, 2],
        Unknown).Select((functions, gradients, unknown) => new FunctionLibrary([.. functions], [.. gradients]) { UnknownFields = unknown });

    public static readonly Gen<GraphVersions?> Versions = Gen.Frequency(
        (2, Gen.Const((GraphVersions?)null)),
        (3, Gen.Select(Gen.Int[-1, 2000], Gen.Int[0, 12], Gen.Int[-5, 5].Array[0, 3], Unknown).Select((producer, consumer, bad, unknown) =>
            (GraphVersions?)new GraphVersions(producer, consumer, [.. bad]) { UnknownFields = unknown })));

    public static readonly Gen<Graph> Graphs = Gen.Select(
        Nodes.Array[0, 12],
        Gen.Frequency((3, Gen.Const(FunctionLibrary.Empty)), (1, Libraries)),
        Versions,
        Unknown).Select((nodes, library, versions, unknown) => new Graph([.. nodes], library, versions, unknown));

    /// <summary>True when two graphs hold the same.</summary>
    public static bool AreEqual(Graph left, Graph right) =>
        left.Nodes.AsSpan().SequenceEqual(right.Nodes.AsSpan()) && left.Functions.Equals(right.Functions)
        && Equals(left.Versions, right.Versions) && left.UnknownFields == right.UnknownFields;

    private static Gen<float> Floats() => Gen.Frequency(
        (3, Gen.Int[-8, 8].Select(n => n / 4f)),
        (2, Gen.UInt.Select(BitConverter.UInt32BitsToSingle)),
        (1, Gen.OneOf(float.NaN, -float.NaN, BitConverter.UInt32BitsToSingle(0x7FC00001), float.PositiveInfinity, float.NegativeInfinity, -0f, float.Epsilon, float.MaxValue)));

    private static Gen<Tensor> FullTensors() =>
        Gen.Select(Gen.OneOf(SizedTypes), Gen.Long[0, 3].Array[0, 3], Gen.Byte.Array[16 * 27], Gen.Bool).Select((type, dimensions, bytes, isListed) =>
        {
            TensorShape shape = TensorShape.Of(dimensions);
            byte[] content = Valid(type, bytes[..(int)(shape.ElementCount * type.Size())]);
            return isListed ? Tensor.FromValues(type, shape, content) : Tensor.FromContent(type, shape, content);
        });

    private static Gen<Tensor> ListedTensors() =>
        Gen.Select(Gen.OneOf(SizedTypes), Shapes, Gen.Int[0, 2], Gen.Byte.Array[16 * 2], Gen.Bool).Select((type, shape, count, bytes, hasShape) =>
            Tensor.FromValues(type, hasShape ? shape : TensorShape.Scalar, Valid(type, bytes[..(count * type.Size())])).With(hasShape, 0, default));

    private static Gen<Tensor> StringTensors() =>
        Gen.Select(Shapes, Gen.Byte.Array[0, 4].Array[0, 3]).Select((shape, strings) =>
            Tensor.FromStrings(shape, [.. strings.Select(bytes => (ReadOnlyMemory<byte>)bytes)]));

    private static Gen<Tensor> RawTensors() =>
        Gen.Select(Types, Shapes, Gen.Byte.Array[0, 9]).Select((type, shape, bytes) => Tensor.FromContent(type, shape, bytes));

    /// <summary>Truth values are one bit in files' varints as far as readers are concerned.</summary>
    private static byte[] Valid(DataType type, byte[] bytes) => type == DataType.Bool ? [.. bytes.Select(value => (byte)(value & 1))] : bytes;

    private static Gen<AttributeValue> Functions(Gen<AttributeValue> inner) =>
        Gen.Select(Names, Gen.Select(Names, inner).Array[0, 2], Unknown).Select((name, entries, unknown) =>
            (AttributeValue)new FunctionValue(name, AttributeMap.Of(entries)) { FunctionUnknownFields = unknown });

    private static Gen<OpDefinition> Signatures() =>
        Gen.Select(Names, Arguments().Array[0, 2], Arguments().Array[0, 2], AttributeDefinitions().Array[0, 2], Gen.Bool, Names, Names.Array[0, 2], Unknown)
            .Select((name, inputs, outputs, attributes, flag, summary, controls, unknown) => new OpDefinition(name, [.. inputs], [.. outputs], [.. attributes])
            {
                Summary = summary,
                Description = flag ? summary + name : "",
                ControlOutputs = [.. controls],
                IsStateful = flag,
                IsCommutative = !flag,
                IsAggregate = flag,
                AllowsUninitializedInput = !flag,
                UnknownFields = unknown,
            });

    private static Gen<ArgumentDefinition> Arguments() =>
        Gen.Select(Names, Types, Gen.OneOf("", "T"), Gen.OneOf("", "N"), Gen.OneOf("", "Ts"), Gen.Bool, Unknown)
            .Select((name, type, typeAttribute, number, list, isReference, unknown) => new ArgumentDefinition(name, type, typeAttribute, number, list)
            {
                Description = isReference ? name : "",
                IsReference = isReference,
                UnknownFields = unknown,
            });

    private static Gen<AttributeDefinition> AttributeDefinitions() =>
        Gen.Select(Names, Gen.OneOf("type", "int", "list(string)", ""), Attributes, Attributes, Gen.Int[0, 3], Unknown)
            .Select((name, kind, fallback, allowed, minimum, unknown) => new AttributeDefinition(name, kind, minimum == 0 ? null : fallback)
            {
                Description = minimum == 1 ? name : "",
                Minimum = minimum == 2 ? null : minimum,
                Allowed = minimum == 3 ? allowed : null,
                UnknownFields = unknown,
            });

    private static ImmutableSortedDictionary<string, string> Sorted(IEnumerable<(string Key, string Value)> entries)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, string>(NameOrder.Instance);
        foreach (var (key, value) in entries)
            builder[key] = value;
        return builder.ToImmutable();
    }

    private static IEnumerable<byte> Varint(int value)
    {
        for (uint rest = (uint)value; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                yield return (byte)rest;
                yield break;
            }
            yield return (byte)(rest | 0x80);
        }
    }
}
