using System.Collections.Immutable;
using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl.Binding;

/// <summary>An options record, or null when one of the diagnostics is an error.</summary>
public sealed record BindResult(object? Options, ImmutableArray<Diagnostic> Diagnostics);
