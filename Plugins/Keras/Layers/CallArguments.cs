using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>An argument of a call: a tensor, a list, or a value of the configuration.</summary>
internal abstract record Argument
{
    /// <summary>The tensors in it, in order.</summary>
    public abstract IEnumerable<Symbol> Tensors();

    /// <summary>The argument with each tensor replaced.</summary>
    public abstract Argument Select(Func<Symbol, Symbol> change);
}

/// <summary>A tensor.</summary>
internal sealed record TensorArgument(Symbol Value) : Argument
{
    public override IEnumerable<Symbol> Tensors() => [Value];

    public override Argument Select(Func<Symbol, Symbol> change) => new TensorArgument(change(Value));
}

/// <summary>A list that holds a tensor somewhere.</summary>
internal sealed record ListArgument(ImmutableArray<Argument> Items) : Argument
{
    public override IEnumerable<Symbol> Tensors() => Items.SelectMany(item => item.Tensors());

    public override Argument Select(Func<Symbol, Symbol> change) => new ListArgument([.. Items.Select(item => item.Select(change))]);
}

/// <summary>A value without tensors.</summary>
internal sealed record ValueArgument(JsonElement Value) : Argument
{
    public override IEnumerable<Symbol> Tensors() => [];

    public override Argument Select(Func<Symbol, Symbol> change) => this;
}

/// <summary>A slice of which a bound is a tensor or a number; null where it is open.</summary>
internal sealed record SliceArgument(Argument? Start, Argument? Stop, Argument? Step) : Argument
{
    public override IEnumerable<Symbol> Tensors() => new[] { Start, Stop, Step }.Where(part => part is not null).SelectMany(part => part!.Tensors());

    public override Argument Select(Func<Symbol, Symbol> change) => new SliceArgument(Start?.Select(change), Stop?.Select(change), Step?.Select(change));
}

/// <summary>What a layer or operator is called with.</summary>
/// <param name="Positional">Arguments by position.</param>
/// <param name="Named">Arguments by name.</param>
internal sealed record CallArguments(ImmutableArray<Argument> Positional, ImmutableDictionary<string, Argument> Named)
{
    /// <summary>Names of the first parameter of layers.</summary>
    private static readonly ImmutableArray<string> FirstNames = ["inputs", "query", "sequences", "data"];

    /// <summary>Tensors only.</summary>
    public static CallArguments Of(params ImmutableArray<Symbol> inputs) => new([.. inputs.Select(input => new TensorArgument(input))], ImmutableDictionary<string, Argument>.Empty);

    /// <summary>The arguments with each tensor replaced.</summary>
    public CallArguments Select(Func<Symbol, Symbol> change) =>
        new([.. Positional.Select(argument => argument.Select(change))], Named.ToImmutableDictionary(entry => entry.Key, entry => entry.Value.Select(change)));

    /// <summary>The arguments with the first by position where the call names all of them, as Keras 3 keeps it.</summary>
    public CallArguments WithFirst() => Positional.IsEmpty && FirstNames.FirstOrDefault(Named.ContainsKey) is { } name ? new([Named[name]], Named.Remove(name)) : this;

    /// <summary>The arguments with one more by name.</summary>
    public CallArguments With(string name, Symbol? value) => value is null ? this : this with { Named = Named.SetItem(name, new TensorArgument(value)) };
}
