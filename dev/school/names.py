"""Invented names, by family language. Real rosters mix scripts, accents and double surnames."""

GIVEN = {
	"en": (
		"Ava Emma Olivia Grace Hannah Chloe Zoe Ruby Nora Leah Abigail Lucy Ellie Stella Paige Naomi Hazel Claire "
		"Noah Liam Mason Ethan Owen Caleb Wyatt Henry Jack Isaac Levi Miles Jonah Cole Dylan Marcus Andre Tyrone"
	),
	"es": (
		"Sofía Valentina Camila Lucía Ximena Renata Mariana Daniela Paola Andrea Elena Gabriela Itzel Rosa "
		"Mateo Santiago Diego Sebastián Emiliano Leonardo Joaquín Andrés Javier Rafael Tomás Julián Óscar José"
	),
	"zh": (
		"Yuxuan Zihan Xinyi Yutong Meilin Jiayi Ruoxi Lanying Xiaomei Ying Hui Fang "
		"Haoran Zixuan Junjie Minghao Weijie Yichen Jianhong Guowei Bo Lei Tao Qiang"
	),
	"ar": (
		"Layla Maryam Fatima Nour Huda Amal Yasmin Salma Rania Zainab Aisha Dalia "
		"Omar Yusuf Ahmad Khalid Ibrahim Tariq Samir Hassan Karim Bilal Mustafa Rami"
	),
	"vi": (
		"Linh Mai Hương Thảo Ngọc Lan Phương Trang Hạnh Thu Yến Bích "
		"Minh Khôi Dũng Tuấn Hùng Quang Phúc Long Nam Thành Đức Bảo"
	),
}
FAMILY = {
	"en": (
		"Anderson Baker Bennett Brooks Carter Coleman Cooper Davis Dixon Ellis Fisher Foster Gibson Graham Greene "
		"Hayes Howard Hughes Jenkins Kelly Kowalski Lawson Marshall Mitchell Murphy Nelson Novak O'Brien Palmer "
		"Parker Price Reed Russell Sanders Schmidt Shaw Spencer Stewart Sullivan Turner Walsh Washington Weber Young"
	),
	"es": (
		"García Hernández López Martínez González Rodríguez Pérez Sánchez Ramírez Torres Flores Rivera Gómez Díaz "
		"Reyes Morales Cruz Ortiz Gutiérrez Chávez Ramos Ruiz Mendoza Álvarez Castillo Jiménez Vargas Muñoz Peña"
	),
	"zh": "Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Hu Zhu Gao Lin He Guo Ma Luo",
	"ar": "Haddad Khoury Mansour Nasser Saleh Aziz Farouk Hamdan Jaber Kassem Najjar Qasim Sabbagh Shaheen Zidan",
	"vi": "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý",
}
NATIVE = {
	"zh": ("王芳", "李伟", "张敏", "刘洋", "陈静", "杨磊"),
	"ar": ("فاطمة حداد", "أحمد منصور", "ليلى ناصر", "خالد صالح", "نور جابر", "سمير قاسم"),
}
"""Names as some families wrote them on the form, in their own script."""


def given(language: str, gender: str) -> list[str]:
	"""Return first names; in every list the first half is for girls, the second for boys."""
	pool = GIVEN[language].split()
	half = len(pool) // 2
	return pool[:half] if gender == "Female" else pool[half:]


def family(language: str) -> list[str]:
	return FAMILY[language].split()
