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
        ["vpmovzxbd zmm26, [rbx + r14]"] = (encoder => encoder.LoadWidened(26, Register.Rbx, Register.R14), "62 22 7D 48 31 94 33 00 00 00 00"),
        ["vpmovzxbd zmm12, [r8 + 16]"] = (encoder => encoder.LoadWidened(12, Register.R8, 16), "62 52 7D 48 31 A0 10 00 00 00"),
        ["vpslld zmm29, zmm29, 8"] = (encoder => encoder.ShiftLeft(29, 8), "62 91 15 40 72 F5 08"),
        ["vpslld zmm5, zmm5, 16"] = (encoder => encoder.ShiftLeft(5, 16), "62 F1 55 48 72 F5 10"),
        ["vpternlogd zmm1, zmm18, zmm30, 254"] = (encoder => encoder.Or(1, 18, 30), "62 93 6D 40 25 CE FE"),
        ["vpternlogd zmm23, zmm7, zmm10, 254"] = (encoder => encoder.Or(23, 7, 10), "62 C3 45 48 25 FA FE"),
        ["vbroadcastss zmm20, dword ptr [rbp + 4]"] = (encoder => encoder.BroadcastFloat(20, Register.Rbp, 4), "62 E2 7D 48 18 A5 04 00 00 00"),
        ["vpmovdb [r11 + 48], zmm27"] = (encoder => encoder.StoreBytes(27, Register.R11, 48), "62 42 7E 48 31 9B 30 00 00 00"),
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
        ["vmaxps zmm11, zmm11, zmm20"] = (encoder => encoder.AtLeast(11, 20), "62 31 24 48 5F DC"),
        ["vminps zmm18, zmm18, zmm12"] = (encoder => encoder.AtMost(18, 12), "62 C1 6C 40 5D D4"),
        ["vpdpbusd zmm0, zmm31, zmm16"] = (encoder => encoder.DotProduct(0, 31, 16), "62 B2 05 40 50 C0"),
        ["vpdpbusd zmm25, zmm6, zmm9"] = (encoder => encoder.DotProduct(25, 6, 9), "62 42 4D 48 50 C9"),
    };

    public static TheoryData<string> Names => [.. Instructions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_instruction_has_the_bytes_of_the_assembler(string instruction)
    {
        var encoder = new EvexEncoder();
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
