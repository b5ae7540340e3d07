using System.Collections.Immutable;
using CsCheck;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.Tests.Models;

/// <summary>
/// Random graphs that hold everything a file can hold, in the form that reading gives: tensors without bytes list their elements, lists hold one
/// kind of item, NaN has the bits that text formats give it.
/// </summary>
internal static class FileGraphs
{
    private const int MaximumDepth = 2;

    private static readonly string[] Pieces = ["a", "B", "conv", "/", "_", "-", ".", "0", "7", " ", "\"", "'", "\\", "\n", "\t", "é", "漢", "😀", "{", "}", "#"];

    private static readonly DataType[] Numbers =
    [
        DataType.Float, DataType.Double, DataType.Int32, DataType.UInt8, DataType.Int16, DataType.Int8, DataType.Complex64, DataType.Int64, DataType.Bool,
        DataType.QInt8, DataType.QUInt8, DataType.QInt32, DataType.BFloat16, DataType.QInt16, DataType.QUInt16, DataType.UInt16, DataType.Complex128,
        DataType.Half, DataType.UInt32, DataType.UInt64,
    ];

    /// <summary>Any text that UTF-8 can hold, quotes and line ends among it.</summary>
    public static readonly Gen<string> Text = Gen.OneOf(Pieces).Array[0, 6].Select(pieces => string.Concat(pieces));

    public static readonly Gen<string> Name = Gen.Select(Gen.OneOf("x", "conv1", "a/b", "Relu_3"), Gen.Int[0, 99], (stem, number) => $"{stem}_{number}");

    public static readonly Gen<ReadOnlyMemory<byte>> Bytes = Gen.Byte.Array[0, 12].Select(bytes => new ReadOnlyMemory<byte>(bytes));

    public static readonly Gen<float> Float = Gen.Int.Select(bits => Canonical(BitConverter.Int32BitsToSingle(bits)));

    /// <summary>Fields with numbers that no message of a graph has: a varint, 32 bits, 64 bits, a string, a group.</summary>
    public static readonly Gen<UnknownFields> Unknown = Gen.Frequency<UnknownFields>(
        (12, Gen.Const(default(UnknownFields))),
        (1, Gen.OneOf<byte[]>(
            [0xC0, 0x0C, 0x96, 0x01],
            [0xC5, 0x0C, 1, 2, 3, 4],
            [0xC1, 0x0C, 1, 2, 3, 4, 5, 6, 7, 8],
            [0xC2, 0x0C, 3, 0x00, 0xFF, 0x41],
            [0xC3, 0x0C, 0x08, 0x01, 0xC4, 0x0C]).Select(bytes => new UnknownFields(bytes))));

    public static readonly Gen<DataType> Type = Gen.Select(Gen.OneOf([.. Numbers, DataType.String, DataType.Resource, DataType.Variant]), Gen.Bool, (type, isReference) => isReference ? type.AsReference() : type);

    public static readonly Gen<TensorShape> Shape = Gen.Frequency<TensorShape>(
        (1, Gen.Const(TensorShape.Unknown)),
        (1, Gen.Const(TensorShape.Scalar)),
        (5, Gen.Select(Gen.Long[-1, 4].Array[1, 3], Gen.Bool, Unknown, (dimensions, isNamed, unknown) => TensorShape.Create(
            [.. dimensions], unknownRank: false, isNamed ? [.. dimensions.Select((_, i) => $"d{i}")] : default, unknown))));

    public static readonly Gen<Tensor> Tensor = Gen.Select(
        Gen.Frequency<Tensor>((4, Numeric()), (1, Strings())),
        Gen.Int[0, 2],
        Unknown,
        Gen.Bool,
        (tensor, version, unknown, hasShape) => tensor.With(hasShape || !tensor.Shape.Equals(TensorShape.Scalar), version, unknown));

    public static readonly Gen<AttributeValue> Attribute = AttributeOf(MaximumDepth);

    public static readonly Gen<AttributeMap> Attributes = MapOf(MaximumDepth);

    public static readonly Gen<Node> Node = Gen.Select(
        Name,
        Gen.OneOf("Const", "Conv2D", "Identity", "MyOp"),
        Gen.OneOf<string>(Name, Name.Select(name => name + ":1"), Name.Select(name => "^" + name)).Array[0, 3],
        Attributes,
        Gen.OneOf("", "/cpu:0"),
        Unknown,
        (name, op, inputs, attributes, device, unknown) =>
            new Node(name, op, [.. inputs.Select(input => new NodeInput(input))], attributes, device) { UnknownFields = unknown });

    public static readonly Gen<FunctionDefinition> Function = Gen.Select(
        Signature(),
        Node.Array[0, 3],
        Gen.Select(Name, Name).Array[0, 2],
        Gen.Select(Name, Name).Array[0, 2],
        Attributes,
        Unknown,
        (signature, nodes, returns, controls, attributes, unknown) => new FunctionDefinition(signature, [.. nodes], Map(returns))
        {
            ControlReturns = Map(controls),
            Attributes = attributes,
            UnknownFields = unknown,
        });

    public static readonly Gen<FunctionLibrary> Library = Gen.Frequency<FunctionLibrary>(
        (2, Gen.Const(FunctionLibrary.Empty)),
        (1, Gen.Select(
            Function.Array[1, 2],
            Gen.Select(Name, Name, Unknown, (function, gradient, unknown) => new FunctionGradient(function, gradient) { UnknownFields = unknown }).Array[0, 2],
            Unknown,
            (functions, gradients, unknown) => new FunctionLibrary([.. functions], [.. gradients]) { UnknownFields = unknown })));

    public static readonly Gen<GraphVersions?> Versions = Gen.Frequency<GraphVersions?>(
        (1, Gen.Const(() => (GraphVersions?)null)),
        (2, Gen.Select(Gen.Int[0, 2000], Gen.Int[-1, 20], Gen.Int[0, 9].Array[0, 2], Unknown, (producer, consumer, bad, unknown) =>
            (GraphVersions?)new GraphVersions(producer, consumer, [.. bad]) { UnknownFields = unknown })));

    public static readonly Gen<Graph> Graph = Gen.Select(
        Node.Array[1, 5], Library, Versions, Unknown, (nodes, library, versions, unknown) => new Graph([.. nodes], library, versions, unknown));

    private static Gen<Tensor> Numeric() => Gen.Select(Gen.OneOf(Numbers), Shape, Gen.Int[0, 5], Gen.Bool, Gen.Byte.Array[80, 80], (type, shape, count, isContent, random) =>
    {
        byte[] bytes = random[..(count * type.Size())];
        if (isContent && bytes.Length > 0)
            return TransformFramework.Graphs.Tensor.FromContent(type, shape, bytes);
        return TransformFramework.Graphs.Tensor.FromValues(type, shape, Canonical(type, bytes));
    });

    private static Gen<Tensor> Strings() => Gen.Select(Shape, Bytes.Array[0, 3], (shape, strings) => TransformFramework.Graphs.Tensor.FromStrings(shape, [.. strings]));

    private static Gen<AttributeValue> AttributeOf(int depth)
    {
        Gen<AttributeValue>[] items =
        [
            Bytes.Select(bytes => (AttributeValue)new BytesValue(bytes)),
            Gen.Long.Select(number => (AttributeValue)number),
            Float.Select(number => (AttributeValue)number),
            Gen.Bool.Select(flag => (AttributeValue)flag),
            Type.Select(type => (AttributeValue)type),
            Shape.Select(shape => (AttributeValue)shape),
            Tensor.Select(tensor => (AttributeValue)tensor),
        ];
        if (depth > 0)
            items = [.. items, FunctionOf(depth - 1)];
        Gen<AttributeValue>[] lists = [.. items.Select(item => Gen.Select(item.Array[0, 3], Unknown, (values, unknown) =>
            (AttributeValue)new ListValue([.. values]) { ListUnknownFields = unknown }))];
        Gen<AttributeValue>[] others = [Gen.Const<AttributeValue>(new UnsetValue()), Text.Select(text => (AttributeValue)new PlaceholderValue(text))];
        return Gen.Select(Gen.OneOf<AttributeValue>([.. items, .. lists, .. others]), Unknown, (value, unknown) => value with { UnknownFields = unknown });
    }

    private static Gen<AttributeValue> FunctionOf(int depth) => Gen.Select(Text, MapOf(depth), Unknown, (name, attributes, unknown) =>
        (AttributeValue)new FunctionValue(name, attributes) { FunctionUnknownFields = unknown });

    private static Gen<AttributeMap> MapOf(int depth) => Gen.Select(Text, AttributeOf(depth)).Array[0, 4].Select(entries => AttributeMap.Of(entries));

    private static Gen<OpDefinition> Signature()
    {
        var argument = Gen.Select(Name, Type, Text, Gen.Bool, Unknown, (name, type, text, flag, unknown) =>
            new ArgumentDefinition(name, type, text) { Description = text, IsReference = flag, UnknownFields = unknown });
        var attribute = Gen.Select(Name, Gen.OneOf("int", "list(type)"), AttributeOf(0), Gen.Bool, Gen.Long[-3, 3], Unknown, (name, kind, value, flag, minimum, unknown) =>
            new AttributeDefinition(name, kind, flag ? value : null) { Minimum = flag ? minimum : null, Allowed = flag ? null : value, UnknownFields = unknown });
        return Gen.Select(Name, argument.Array[0, 2], argument.Array[0, 2], attribute.Array[0, 2], Text, Gen.Bool, Unknown, (name, inputs, outputs, attributes, text, flag, unknown) =>
            new OpDefinition(name, [.. inputs], [.. outputs], [.. attributes])
            {
                Summary = text,
                ControlOutputs = flag ? [name] : [],
                IsStateful = flag,
                IsCommutative = !flag,
                UnknownFields = unknown,
            });
    }

    private static ImmutableSortedDictionary<string, string> Map((string Key, string Value)[] entries) =>
        ImmutableSortedDictionary.Create<string, string>(NameOrder.Instance).SetItems(entries.Select(entry => KeyValuePair.Create(entry.Key, entry.Value)));

    private static byte[] Canonical(DataType type, byte[] bytes)
    {
        switch (type)
        {
            case DataType.Bool:
                return Array.ConvertAll(bytes, value => (byte)(value & 1));
            case DataType.Float or DataType.Complex64:
                for (int at = 0; at < bytes.Length; at += sizeof(float))
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), Canonical(BitConverter.ToSingle(bytes, at)));
                return bytes;
            case DataType.Double or DataType.Complex128:
                for (int at = 0; at < bytes.Length; at += sizeof(double))
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), double.IsNaN(BitConverter.ToDouble(bytes, at)) ? BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0000) : BitConverter.ToDouble(bytes, at));
                return bytes;
            default:
                return bytes;
        }
    }

    private static float Canonical(float value) => float.IsNaN(value) ? BitConverter.UInt32BitsToSingle(0x7FC0_0000) : value;
}
