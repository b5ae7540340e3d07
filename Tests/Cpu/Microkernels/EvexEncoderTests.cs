using TransformFramework.Cpu.Microkernels.MachineCode;
using Register = TransformFramework.Cpu.Microkernels.MachineCode.EvexEncoder.Register;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Instructions against the bytes that GNU as makes of them, with displacements of 32 bits.</summary>
public sealed class EvexEncoderTests
{
    private static readonly Dictionary<string, (Action<EvexEncoder> Encode, string Bytes)> Instructions = new(StringComparer.Ordinal)
    {
        ["push rbx"] = (encoder => encoder.Push(Register.Rbx), "53"),
        ["push r12"] = (encoder => encoder.Push(Register.R12), "41 54"),
        ["pop r15"] = (encoder => encoder.Pop(Register.R15), "41 5F"),
        ["mov r9, qword ptr [r12 + 40]"] = (encoder => encoder.Load(Register.R9, Register.R12, 40), "4D 8B 8C 24 28 00 00 00"),
        ["mov rax, qword ptr [r13 - 8]"] = (encoder => encoder.Load(Register.Rax, Register.R13, -8), "49 8B 85 F8 FF FF FF"),
        ["mov qword ptr [r12 + 40], r9"] = (encoder => encoder.Store(Register.R9, Register.R12, 40), "4D 89 8C 24 28 00 00 00"),
        ["movsxd r10, dword ptr [rdi + 64]"] = (encoder => encoder.LoadSigned32(Register.R10, Register.Rdi, 64), "4C 63 97 40 00 00 00"),
        ["mov r8, rcx"] = (encoder => encoder.Move(Register.R8, Register.Rcx), "49 89 C8"),
        ["add rdx, r11"] = (encoder => encoder.Add(Register.Rdx, Register.R11), "4C 01 DA"),
        ["add r9, 100000"] = (encoder => encoder.Add(Register.R9, 100000), "49 81 C1 A0 86 01 00"),
        ["prefetcht1 [r10]"] = (encoder => encoder.Prefetch(Register.R10), "41 0F 18 92 00 00 00 00"),
        ["sub r14, rsi"] = (encoder => encoder.Subtract(Register.R14, Register.Rsi), "49 29 F6"),
        ["neg r13"] = (encoder => encoder.Negate(Register.R13), "49 F7 DD"),
        ["dec rcx"] = (encoder => encoder.Decrement(Register.Rcx), "48 FF C9"),
        ["shl r11, 3"] = (encoder => encoder.ShiftLeft(Register.R11, 3), "49 C1 E3 03"),
        ["ret"] = (encoder => encoder.Return(), "C3"),
        ["vzeroupper"] = (encoder => encoder.ClearUpperVectors(), "C5 F8 77"),
        ["vmovdqu32 zmm0, [rax + 64]"] = (encoder => encoder.LoadVector(0, Register.Rax, 64), "62 F1 7E 48 6F 80 40 00 00 00"),
        ["vmovdqu32 zmm31, [r12 - 64]"] = (encoder => encoder.LoadVector(31, Register.R12, -64), "62 41 7E 48 6F BC 24 C0 FF FF FF"),
        ["vmovdqu32 [r13 + 128], zmm9"] = (encoder => encoder.StoreVector(9, Register.R13, 128), "62 51 7E 48 7F 8D 80 00 00 00"),
        ["vpbroadcastd zmm17, dword ptr [r9 + r10]"] = (encoder => encoder.Broadcast32(17, Register.R9, Register.R10), "62 82 7D 48 58 8C 11 00 00 00 00"),
        ["vpbroadcastd zmm4, dword ptr [rsi + rdx]"] = (encoder => encoder.Broadcast32(4, Register.Rsi, Register.Rdx), "62 F2 7D 48 58 A4 16 00 00 00 00"),
        ["vpmovzxbd zmm12, [r8 + 16]"] = (encoder => encoder.LoadWidened(12, Register.R8, 16), "62 52 7D 48 31 A0 10 00 00 00"),
        ["vbroadcastss zmm20, dword ptr [rbp + 4]"] = (encoder => encoder.BroadcastFloat(20, Register.Rbp, 4), "62 E2 7D 48 18 A5 04 00 00 00"),
        ["vmovdqu32 [rdi + 16], xmm3"] = (encoder => encoder.StoreQuarters(3, 1, Register.Rdi, 16), "62 F1 7E 08 7F 9F 10 00 00 00"),
        ["vmovdqu32 [r15 + 32], ymm19"] = (encoder => encoder.StoreQuarters(19, 2, Register.R15, 32), "62 C1 7E 28 7F 9F 20 00 00 00"),
        ["vmovdqu32 [rdi + 0], zmm8"] = (encoder => encoder.StoreQuarters(8, 4, Register.Rdi, 0), "62 71 7E 48 7F 87 00 00 00 00"),
        ["vextracti32x4 [rcx + 256], zmm22, 3"] = (encoder => encoder.StoreQuarter(22, 3, Register.Rcx, 256), "62 E3 7D 48 39 B1 00 01 00 00 03"),
        ["vpackssdw zmm2, zmm16, zmm31"] = (encoder => encoder.PackIntegers(2, 16, 31), "62 91 7D 40 6B D7"),
        ["vpacksswb zmm14, zmm9, zmm24"] = (encoder => encoder.PackShorts(14, 9, 24, isSigned: true), "62 11 35 48 63 F0"),
        ["vpackuswb zmm25, zmm28, zmm11"] = (encoder => encoder.PackShorts(25, 28, 11, isSigned: false), "62 41 1D 40 67 CB"),
        ["vpermd zmm6, zmm21, zmm13"] = (encoder => encoder.Permute(6, 21, 13), "62 D2 55 40 36 F5"),
        ["vcvtdq2ps zmm15, zmm15"] = (encoder => encoder.ToFloats(15), "62 51 7C 48 5B FF"),
        ["vcvtdq2ps zmm30, zmm30"] = (encoder => encoder.ToFloats(30), "62 01 7C 48 5B F6"),
        ["vcvtps2dq zmm17, zmm17"] = (encoder => encoder.ToIntegers(17), "62 A1 7D 48 5B C9"),
        ["vmulps zmm10, zmm10, zmm29"] = (encoder => encoder.Multiply(10, 29), "62 11 2C 48 59 D5"),
        ["vaddps zmm24, zmm24, zmm3"] = (encoder => encoder.AddFloats(24, 3), "62 61 3C 40 58 C3"),
        ["vmaxps zmm11, zmm20, zmm11"] = (encoder => encoder.AtLeast(11, 20), "62 51 5C 40 5F DB"),
        ["vminps zmm18, zmm12, zmm18"] = (encoder => encoder.AtMost(18, 12), "62 A1 1C 48 5D D2"),
        ["vpdpbusd zmm0, zmm31, zmm16"] = (encoder => encoder.DotProduct(0, 31, 16), "62 B2 05 40 50 C0"),
        ["vpdpwssd zmm0, zmm31, zmm16"] = (encoder => encoder.DotProductOfShorts(0, 31, 16), "62 B2 05 40 52 C0"),
        ["vdpbf16ps zmm3, zmm28, zmm17"] = (encoder => encoder.DotProductOfBFloat16(3, 28, 17), "62 B2 1E 40 52 D9"),
        ["vdpbf16ps zmm20, zmm9, zmm26"] = (encoder => encoder.DotProductOfBFloat16(20, 9, 26), "62 82 36 48 52 E2"),
        ["vcvtne2ps2bf16 zmm17, zmm22, [rdi + 305419896]"] = (encoder => encoder.RoundToBFloat16(17, 22, Register.Rdi, 0x12345678), "62 E2 4F 40 72 8F 78 56 34 12"),
        ["vaddps zmm24, zmm24, [rdx + 305419896]"] = (encoder => encoder.AddFloats(24, Register.Rdx, 0x12345678), "62 61 3C 40 58 82 78 56 34 12"),
        ["vpunpcklbw zmm3, zmm17, zmm30"] = (encoder => encoder.InterleaveBytes(3, 17, 30, ofUpper: false), "62 91 75 40 60 DE"),
        ["vpunpckhbw ymm24, ymm9, ymm26"] = (encoder => encoder.InterleaveBytes(24, 9, 26, ofUpper: true), "62 01 35 28 68 C2"),
        ["vpunpcklwd xmm28, xmm27, xmm5"] = (encoder => encoder.InterleaveShorts(28, 27, 5, ofUpper: false), "62 61 25 00 61 E5"),
        ["vpunpckhwd zmm31, zmm28, zmm25"] = (encoder => encoder.InterleaveShorts(31, 28, 25, ofUpper: true), "62 01 1D 40 69 F9"),
        ["vpxord ymm4, ymm4, ymm4"] = (encoder => encoder.Clear(4), "62 F1 5D 28 EF E4"),
        ["vmulps ymm21, ymm21, [rdi + 256]"] = (encoder => encoder.Multiply(21, Register.Rdi, 256), "62 E1 54 20 59 AF 00 01 00 00"),
        ["vmovdqu32 ymm12, [rsi + 320]"] = (encoder => encoder.LoadVector(12, Register.Rsi, 320), "62 71 7E 28 6F A6 40 01 00 00"),
        ["vmovdqu32 zmm24, [rax + r9]"] = (encoder => encoder.LoadVector(24, Register.Rax, Register.R9), "62 21 7E 48 6F 84 08 00 00 00 00"),
        ["vpdpbusd xmm2, xmm20, xmm13"] = (encoder => encoder.DotProduct(2, 20, 13), "62 D2 5D 00 50 D5"),
        ["vpdpbusd zmm25, zmm6, zmm9"] = (encoder => encoder.DotProduct(25, 6, 9), "62 42 4D 48 50 C9"),
    };

    public static TheoryData<string> Names => [.. Instructions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_instruction_has_the_bytes_of_the_assembler(string instruction)
    {
        var encoder = new EvexEncoder { Length = instruction.Contains("xmm", StringComparison.Ordinal) ? 0 : instruction.Contains("ymm", StringComparison.Ordinal) ? 1 : 2 };
        Instructions[instruction].Encode(encoder);
        Assert.Equal(Convert.FromHexString(Instructions[instruction].Bytes.Replace(" ", "", StringComparison.Ordinal)), encoder.ToArray());
    }

    [Fact]
    public void A_jump_counts_from_its_own_end()
    {
        var encoder = new EvexEncoder();
        int start = encoder.Position;
        encoder.Decrement(Register.Rcx);
        encoder.JumpIfNotZero(start);
        Assert.Equal([0x48, 0xFF, 0xC9, 0x0F, 0x85, 0xF7, 0xFF, 0xFF, 0xFF], encoder.ToArray());
    }
}
