using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace TransformFramework.Graphs;

/// <remarks>
/// Attributes are read by kind. <c>Float("epsilon")</c> refuses a node without the attribute, <c>Float("epsilon", 1e-4f)</c> and <c>TryFloat</c> take one that is absent or of
/// another kind as not given.
/// </remarks>
public sealed partial record Node
{
    /// <summary>The string attribute as UTF-8 text.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public string String(string name) => Get<BytesValue>(name).Text;

    /// <summary>The string attribute as UTF-8 text, or <paramref name="otherwise"/>.</summary>
    public string String(string name, string otherwise) => Find<BytesValue>(name)?.Text ?? otherwise;

    public bool TryString(string name, [MaybeNullWhen(false)] out string value) => (value = Find<BytesValue>(name)?.Text) is not null;

    /// <summary>The integer attribute.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public long Long(string name) => Get<IntValue>(name).Value;

    /// <summary>The integer attribute, or <paramref name="otherwise"/>.</summary>
    public long Long(string name, long otherwise) => Find<IntValue>(name)?.Value ?? otherwise;

    public bool TryLong(string name, out long value) => Try<IntValue, long>(name, static found => found.Value, out value);

    /// <summary>The float attribute.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public float Float(string name) => Get<FloatValue>(name).Value;

    /// <summary>The float attribute, or <paramref name="otherwise"/>.</summary>
    public float Float(string name, float otherwise) => Find<FloatValue>(name)?.Value ?? otherwise;

    public bool TryFloat(string name, out float value) => Try<FloatValue, float>(name, static found => found.Value, out value);

    /// <summary>The boolean attribute.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public bool Bool(string name) => Get<BoolValue>(name).Value;

    /// <summary>The boolean attribute, or <paramref name="otherwise"/>.</summary>
    public bool Bool(string name, bool otherwise) => Find<BoolValue>(name)?.Value ?? otherwise;

    public bool TryBool(string name, out bool value) => Try<BoolValue, bool>(name, static found => found.Value, out value);

    /// <summary>The type attribute.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public DataType Type(string name) => Get<TypeValue>(name).Value;

    /// <summary>The type attribute, or <paramref name="otherwise"/>.</summary>
    public DataType Type(string name, DataType otherwise) => Find<TypeValue>(name)?.Value ?? otherwise;

    public bool TryType(string name, out DataType value) => Try<TypeValue, DataType>(name, static found => found.Value, out value);

    /// <summary>The shape attribute.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public TensorShape Shape(string name) => Get<ShapeValue>(name).Value;

    /// <summary>The shape attribute, or <paramref name="otherwise"/>.</summary>
    public TensorShape Shape(string name, TensorShape otherwise) => Find<ShapeValue>(name)?.Value ?? otherwise;

    public bool TryShape(string name, [MaybeNullWhen(false)] out TensorShape value) => Try<ShapeValue, TensorShape>(name, static found => found.Value, out value);

    /// <summary>The tensor attribute.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public Tensor Tensor(string name) => Get<TensorValue>(name).Value;

    public bool TryTensor(string name, [MaybeNullWhen(false)] out Tensor value) => (value = TensorAttribute(name)) is not null;

    /// <summary>The function attribute.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public FunctionValue Function(string name) => Get<FunctionValue>(name);

    public bool TryFunction(string name, [MaybeNullWhen(false)] out FunctionValue value) => (value = Find<FunctionValue>(name)) is not null;

    /// <summary>The list of strings as UTF-8 text.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public ImmutableArray<string> StringList(string name) => GetList<BytesValue, string>(name, static item => item.Text);

    public bool TryStringList(string name, out ImmutableArray<string> value) => TryList<BytesValue, string>(name, static item => item.Text, out value);

    /// <summary>The list of integers.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public ImmutableArray<long> LongList(string name) => GetList<IntValue, long>(name, static item => item.Value);

    public bool TryLongList(string name, out ImmutableArray<long> value) => TryList<IntValue, long>(name, static item => item.Value, out value);

    /// <summary>The list of floats.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public ImmutableArray<float> FloatList(string name) => GetList<FloatValue, float>(name, static item => item.Value);

    public bool TryFloatList(string name, out ImmutableArray<float> value) => TryList<FloatValue, float>(name, static item => item.Value, out value);

    /// <summary>The list of booleans.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public ImmutableArray<bool> BoolList(string name) => GetList<BoolValue, bool>(name, static item => item.Value);

    public bool TryBoolList(string name, out ImmutableArray<bool> value) => TryList<BoolValue, bool>(name, static item => item.Value, out value);

    /// <summary>The list of types.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public ImmutableArray<DataType> TypeList(string name) => GetList<TypeValue, DataType>(name, static item => item.Value);

    public bool TryTypeList(string name, out ImmutableArray<DataType> value) => TryList<TypeValue, DataType>(name, static item => item.Value, out value);

    /// <summary>The list of shapes.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public ImmutableArray<TensorShape> ShapeList(string name) => GetList<ShapeValue, TensorShape>(name, static item => item.Value);

    public bool TryShapeList(string name, out ImmutableArray<TensorShape> value) => TryList<ShapeValue, TensorShape>(name, static item => item.Value, out value);

    /// <summary>The list of tensors.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public ImmutableArray<Tensor> TensorList(string name) => GetList<TensorValue, Tensor>(name, static item => item.Value);

    public bool TryTensorList(string name, out ImmutableArray<Tensor> value) => TryList<TensorValue, Tensor>(name, static item => item.Value, out value);

    /// <summary>The list of functions.</summary>
    /// <exception cref="AttributeException">It is absent or of another kind.</exception>
    public ImmutableArray<FunctionValue> FunctionList(string name) => GetList<FunctionValue, FunctionValue>(name, static item => item);

    public bool TryFunctionList(string name, out ImmutableArray<FunctionValue> value) => TryList<FunctionValue, FunctionValue>(name, static item => item, out value);

    private T? Find<T>(string name)
        where T : AttributeValue => Attributes.TryGetValue(name, out var value) ? value as T : null;

    private T Get<T>(string name)
        where T : AttributeValue => Attributes.TryGetValue(name, out var value)
            ? value as T ?? throw WrongKind(name, value.Kind.ToString())
            : throw new AttributeException(this, name, "is absent");

    private bool Try<TValue, T>(string name, Func<TValue, T> read, [MaybeNullWhen(false)] out T value)
        where TValue : AttributeValue
    {
        TValue? found = Find<TValue>(name);
        value = found is null ? default : read(found);
        return found is not null;
    }

    private ImmutableArray<T> GetList<TItem, T>(string name, Func<TItem, T> read)
        where TItem : AttributeValue
    {
        ListValue list = Get<ListValue>(name);
        return Read(list, read) ?? throw WrongKind(name, $"list of {list.Items.First(item => item is not TItem).Kind}");
    }

    private bool TryList<TItem, T>(string name, Func<TItem, T> read, out ImmutableArray<T> value)
        where TItem : AttributeValue
    {
        ImmutableArray<T>? items = Find<ListValue>(name) is { } list ? Read(list, read) : null;
        value = items ?? [];
        return items is not null;
    }

    private static ImmutableArray<T>? Read<TItem, T>(ListValue list, Func<TItem, T> read)
        where TItem : AttributeValue
    {
        var items = ImmutableArray.CreateBuilder<T>(list.Items.Length);
        foreach (AttributeValue item in list.Items)
        {
            if (item is not TItem typed)
                return null;
            items.Add(read(typed));
        }
        return items.MoveToImmutable();
    }

    private AttributeException WrongKind(string name, string kind) => new(this, name, $"has a value of kind {kind}");
}
